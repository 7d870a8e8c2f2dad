"""Writes a project that is ready to run into the folder given: python3 prepare.py DIR"""
import csv, pathlib, shutil, sys
here, to = pathlib.Path(__file__).resolve().parent, pathlib.Path(sys.argv[1])
source = here.parents[3] / "shared/data/counsel_chat/20200325_counsel_chat.csv"
to.mkdir(parents=True, exist_ok=True)
with open(source, encoding="utf-8", newline="") as rows, open(to / "sessions.csv", "w", encoding="utf-8", newline="") as out:
    write = csv.DictWriter(out, ["row", "questionID", "therapistInfo", "topic", "questionText", "answerText"], extrasaction="ignore")
    write.writeheader()
    write.writerows({**r, "row": r[""]} for r in csv.DictReader(rows))
for name in ("lodestar.toml", "codebook.toml"): shutil.copy(here / name, to / name)
