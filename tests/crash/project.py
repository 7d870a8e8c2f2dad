"""A small project: 240 people who are not real, in two units, a year of quarters."""

from pathlib import Path

LAST_DAYS = ["2024-04-08", "2024-07-08", "2024-10-08", "2025-01-08"]
PERIODS = ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"]
PEOPLE = 240

CONFIGURATION = """[project]
organisation = "Acme"

[periods]
first = "2024-Q1"
last = "2024-Q4"

[privacy]
k = 10
epsilon = 20.0

[sources.org]
path = "input/org.csv"
synthetic = true

[sources.people]
path = "input/people.csv"
synthetic = true

[sources.sessions]
path = "input/sessions"
synthetic = true

[[competencies]]
id = "adaptability"

[[themes]]
id = "ambiguity"
competencies = ["adaptability"]

[[measures]]
use = "theme_prevalence"

[[measures]]
use = "engagement"
"""

HEADER = "session_id,coachee_id,coach_id,held_on,minutes,competency,themes"


def make(folder):
    """Writes the project into a folder, which must exist."""
    folder = Path(folder)
    (folder / "input" / "sessions").mkdir(parents=True)
    (folder / "lodestar.toml").write_text(CONFIGURATION)
    units = "org_unit,label,parent\nnorth,North,Acme\nsouth,South,Acme\n"
    (folder / "input" / "org.csv").write_text(units)
    people = (f"p{n:03},{'north' if n % 2 else 'south'}\n" for n in range(PEOPLE))
    (folder / "input" / "people.csv").write_text("person_id,org_unit\n" + "".join(people))
    for quarter, period in enumerate(PERIODS):
        month = 3 * quarter + 2
        rows = (
            f"s{n},p{n:03},c{n % 9},2024-{month:02}-{n % 28 + 1:02},60,adaptability,"
            f"{'ambiguity' if n % 3 else ''}\n"
            for n in range(PEOPLE)
        )
        path = folder / "input" / "sessions" / f"{period}.csv"
        path.write_text(HEADER + "\n" + "".join(rows))
