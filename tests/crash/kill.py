#!/usr/bin/env python3
"""Kills runs of Lodestar at random moments, and looks at what they leave behind.

    python3 tests/crash/kill.py --lodestar target/debug/lodestar --kills 1000
    python3 tests/crash/kill.py --lodestar target/debug/lodestar --self-test

Runs of a small project are killed with SIGKILL, and so are the runs that recover
from that. After each kill an oracle that shares nothing with the engine judges
what stands on disk (oracle.py). Half of the moments are spread evenly over a
run's time; the others follow something that happens in its folders: the ledger's
log grows, a folder is staged, a link moves. The seed is printed: the same seed
makes the same choices, though the machine's timing is its own.

Exit code 1 if anything is wrong. Needs Python 3.9 and its standard library.
"""

import argparse
import copy
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.dont_write_bytecode = True  # before the neighbours are imported

import oracle
import project
import tampers

POLL = 100e-6  # seconds
PATIENCE = 120.0  # seconds after which a run counts as hanging


class Watch:
    """What happens in the folders of a run that has just been started."""

    def __init__(self, folder, log_bytes, rng):
        self.state, self.published = folder / "state", folder / "published"
        self.releases = self.published / "releases"
        self.before = set(self._names(self.releases))
        self.link = self._link()
        # Anywhere within a transaction, or at about its end.
        self.log = rng.choice([rng.uniform(0, log_bytes), 0.95 * log_bytes])
        self.log_seen = 0
        self.files = rng.randrange(12)

    @staticmethod
    def _names(folder):
        try:
            return [path.name for path in folder.iterdir()]
        except OSError:
            return []

    def _link(self):
        try:
            return (self.published / "current").readlink()
        except OSError:
            return None

    def log_bytes(self):
        try:
            return (self.state / "ledger.sqlite-wal").stat().st_size
        except OSError:
            return 0

    def staged(self, folder):
        return [name for name in self._names(folder) if name.startswith(".staging-")]

    def ledger_is_born(self):
        return (self.state / "ledger.sqlite").exists()

    def log_grows(self):
        self.log_seen = max(self.log_seen, self.log_bytes())
        return self.log_seen > self.log

    def release_is_staged(self):
        folders = self.staged(self.releases)
        return any(len(self._names(self.releases / one)) > self.files for one in folders)

    def release_appears(self):
        new = set(self._names(self.releases)) - self.before
        return any(not name.startswith(".") for name in new)

    def generation_is_staged(self):
        folder = self.published / ".generations"
        return any(len(self._names(folder / one)) > self.files for one in self.staged(folder))

    def current_moves(self):
        return (self.published / ".current-new").is_symlink() or self._link() != self.link

    def state_is_written(self):
        return any((self.state / name).exists() for name in ["seen.new", "status.new"])

    EVENTS = [
        "ledger_is_born",
        "log_grows",
        "release_is_staged",
        "release_appears",
        "generation_is_staged",
        "current_moves",
        "state_is_written",
    ]


class Session:
    """Kills until there were enough, project after project."""

    def __init__(self, options):
        self.options = options
        self.rng = random.Random(options.seed)
        self.kills, self.runs, self.projects, self.recoveries = 0, 0, 0, 0
        self.releases, self.files = 0, 0
        self.found, self.left = Counter(), Counter()
        self.problems = []
        self.usual = 0.0  # seconds that a run takes
        self.log_bytes = 1_000

    def start(self, folder, arguments):
        self.runs += 1
        command = [self.options.lodestar, "run", "--config", str(folder / "lodestar.toml")]
        return subprocess.Popen(
            [*command, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )

    def whole_run(self, folder, arguments):
        """A run that nobody kills; problems if it fails."""
        watch = Watch(folder, self.log_bytes, self.rng)
        started = time.monotonic()
        process = self.start(folder, arguments)
        while process.poll() is None and time.monotonic() < started + PATIENCE:
            watch.log_grows()
            time.sleep(POLL)
        taken = time.monotonic() - started
        process.kill()
        said = process.communicate()[1]
        if taken >= PATIENCE:
            return [oracle.Problem(oracle.RUN, f"it took more than {PATIENCE} s")]
        self.usual = max(0.7 * self.usual, taken)
        self.log_bytes = max(self.log_bytes, watch.log_seen)
        if process.returncode != 0:
            text = f"exit code {process.returncode}: {said.decode(errors='replace')}"
            return [oracle.Problem(oracle.RUN, text)]
        return []

    def killed_run(self, folder, arguments):
        """Starts a run and kills it; its exit code and what the moment followed."""
        watch = Watch(folder, self.log_bytes, self.rng)
        if self.rng.random() < 0.5:
            event, after = "the clock", self.rng.uniform(0, 1.05) * self.usual
        else:
            event = self.rng.choice(watch.EVENTS)
            after = self.rng.choice([0.0, self.rng.expovariate(1 / 0.002)])
        process = self.start(folder, arguments)
        deadline = time.monotonic() + PATIENCE
        happened = getattr(watch, event, lambda: True)
        while process.poll() is None and not happened() and time.monotonic() < deadline:
            time.sleep(POLL)
        if process.poll() is None and after:
            time.sleep(after)
        process.kill()
        said = process.communicate()[1].decode(errors="replace")
        return process.returncode, event, said

    def night(self, judge, day, revise):
        """One night, killed until a run comes through."""
        recovering = False
        while True:
            folder = judge.project
            arguments = ["--as-of", day]
            if revise and not revised(judge, revise):
                arguments += ["--revise", "--period", revise]
            if self.kills >= self.options.kills or self.rng.random() < 0.12:
                self.judged(judge, self.whole_run(folder, arguments), True)
                return
            before = snapshot(judge)
            code, event, said = self.killed_run(folder, arguments)
            if code != -signal.SIGKILL:
                failed = [] if code == 0 else [oracle.Problem(oracle.RUN, f"exit code {code}: {said}")]
                self.judged(judge, failed, True)
                return
            self.kills += 1
            self.recoveries += recovering
            self.judged(judge, [], False)
            self.left[what_is_left(judge, before)] += 1
            self.found[event] += 1
            recovering = recovering or snapshot(judge) != before
            if self.kills % 100 == 0:
                print(f"{self.kills} kills, {len(self.problems)} problems", flush=True)

    def judged(self, judge, problems, recovered):
        problems = problems + judge.check(recovered and not problems)
        for problem in problems:
            print(f"kill {self.kills}: {problem.kind}: {problem.text}", flush=True)
        self.problems += problems

    def one_project(self):
        """A year of one project: nights, at times several periods at once, and a
        revision."""
        with tempfile.TemporaryDirectory(prefix="lodestar-kill-") as folder:
            project.make(folder)
            judge = oracle.Oracle(folder)
            self.projects += 1
            quarter = -1
            while quarter < 3:
                quarter = min(3, quarter + self.rng.choice([1, 1, 2]))
                self.night(judge, project.LAST_DAYS[quarter], None)
            self.night(judge, project.LAST_DAYS[3], self.rng.choice(project.PERIODS))
            before = snapshot(judge)
            self.judged(judge, self.whole_run(Path(folder), []), True)
            if snapshot(judge) != before:
                self.problems.append(oracle.Problem(oracle.RUN, "a run with nothing to do did something"))
            self.releases += judge.releases_checked
            self.files += judge.files_checked

    def run(self):
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="lodestar-kill-") as folder:
            project.make(folder)
            judge = oracle.Oracle(folder)
            for day in project.LAST_DAYS[:2]:
                self.judged(judge, self.whole_run(Path(folder), ["--as-of", day]), True)
        while self.kills < self.options.kills:
            self.one_project()
        kinds = Counter(problem.kind for problem in self.problems)
        return {
            "seed": self.options.seed,
            "kills": self.kills,
            "of them during a recovery": self.recoveries,
            "runs": self.runs,
            "projects": self.projects,
            "seconds": round(time.monotonic() - started, 1),
            "killed after": dict(sorted(self.found.items())),
            "left by the kill": dict(sorted(self.left.items())),
            "releases checked": self.releases,
            "files checked": self.files,
            "problems": {kind: kinds[kind] for kind in oracle.KINDS},
        }


def snapshot(judge):
    """What a run may have changed: entries, visible names, the link."""
    link = judge.published / "current"
    return judge.ledger().chain, judge.visible(), link.readlink() if link.is_symlink() else None


def revised(judge, period):
    """Whether a revision of the period is paid for."""
    charges = judge.ledger().charges
    return any(one["period"] == period and int(one["revision"]) > 0 for one in charges)


def what_is_left(judge, before):
    """In which state a kill left a project: how far the run had come."""
    charges = judge.ledger().charges
    paid = {oracle.release_id(one["period"], int(one["revision"])) for one in charges}
    visible = set(judge.visible())
    releases = judge.published / "releases"
    if releases.is_dir() and any(path.name.startswith(".") for path in releases.iterdir()):
        return "paid, half of it staged"
    if paid - visible:
        return "paid, not visible"
    newest = {}
    for one in charges:
        newest[one["period"]] = max(newest.get(one["period"], 0), int(one["revision"]))
    if judge.shown() != sorted(oracle.release_id(*one) for one in newest.items()):
        return "visible, not yet in current"
    return "nothing new" if snapshot(judge) == before else "published as a whole"


def self_test(options):
    """Damages a sound project in every way of tampers.py; the oracle must notice
    each, and nothing where nothing is damaged."""
    options.kills = 0
    session = Session(options)
    failed = []
    with tempfile.TemporaryDirectory(prefix="lodestar-kill-") as folder:
        sound = Path(folder) / "sound"
        sound.mkdir()
        project.make(sound)
        judge = oracle.Oracle(sound)
        for day in project.LAST_DAYS[:2]:
            problems = session.whole_run(sound, ["--as-of", day]) + judge.check(True)
            failed += [f"nothing is wrong, but it says {problem}" for problem in problems]
        for tamper, kind in tampers.ALL.items():
            damaged = Path(folder) / tamper.__name__
            shutil.copytree(sound, damaged, symlinks=True)
            tamper(damaged)
            judge_of_it = copy.deepcopy(judge)
            judge_of_it.project = damaged
            kinds = {problem.kind for problem in judge_of_it.check(True)}
            noticed = kind in kinds
            print(f"{tamper.__name__}: {'noticed' if noticed else 'NOT NOTICED'}: {sorted(kinds)}")
            if not noticed:
                failed.append(f"{tamper.__name__}: not noticed")
            shutil.rmtree(damaged)
    for text in failed:
        print(text)
    print(f"{len(tampers.ALL)} ways to damage a project, {len(failed)} failures")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lodestar", required=True, help="the binary")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--self-test", action="store_true", help="show that the oracle can fail")
    options = parser.parse_args()
    options.lodestar = str(Path(options.lodestar).resolve())
    if options.self_test:
        return self_test(options)
    print(f"seed {options.seed}", flush=True)
    figures = Session(options).run()
    text = json.dumps(figures, indent=2)
    print(text)
    if options.json:
        options.json.write_text(text + "\n")
    return 1 if any(figures["problems"].values()) else 0


if __name__ == "__main__":
    sys.exit(main())
