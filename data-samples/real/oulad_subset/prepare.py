"""Writes a project that is ready to run into the folder given: python3 prepare.py DIR

Joins the tables; the engine reads the rest as it is: days since a start, codes, empty cells.
"""
import csv, pathlib, shutil, sys
here, to = pathlib.Path(__file__).resolve().parent, pathlib.Path(sys.argv[1])
source = here.parents[3] / "shared/data/oulad_subset"
to.mkdir(parents=True, exist_ok=True)

def table(name):
    with open(source / f"{name}.csv", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)

def write(name, columns, rows):
    with open(to / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(columns)
        out.writerows(rows)

def course(row):  # a module in a year: a unit
    return f"{row['code_module']} {row['code_presentation']}"

# Days since the start of the first year's courses; those of the next start 365 days later.
later = {"2013J": 0, "2014J": 365}

def band(score):
    return "no_score" if score == "" else "fail" if float(score) < 40 else "pass" if float(score) < 85 else "distinction"

courses = list(table("courses"))
modules = dict.fromkeys(row["code_module"] for row in courses)
write("org", ["org_unit", "label", "parent"],
      [[module, f"Module {module}", "Open University"] for module in modules]
      + [[course(row), f"{row['code_module']} in {row['code_presentation']}", row["code_module"]] for row in courses])

about = ["id_student", "gender", "region", "highest_education", "imd_band", "age_band"]
write("people", ["course", "first_day", "last_day", *about],
      ([course(row), later[row["code_presentation"]] - 92, later[row["code_presentation"]] + 272, *(row[name] for name in about)]
       for row in table("studentInfo")))

assessments = {row["id_assessment"]: row for row in table("assessments")}
write("sessions", ["id_assessment", "id_student", "course", "day", "assessment_type", "is_banked", "score", "band"],
      ([row["id_assessment"], row["id_student"], course(of), int(row["date_submitted"]) + later[of["code_presentation"]],
        of["assessment_type"], row["is_banked"], row["score"], band(row["score"])]
       for row in table("studentAssessment") for of in [assessments[row["id_assessment"]]]))

# A course ends, and has its results, so many days after its start.
length = {course(row): int(row["module_presentation_length"]) for row in courses}
write("outcomes", ["id_student", "day", "final_result"],
      ([row["id_student"], length[course(row)] + later[row["code_presentation"]], row["final_result"]]
       for row in table("studentInfo")))
shutil.copy(here / "lodestar.toml", to / "lodestar.toml")
