"""What must hold of a project's folder at any moment, judged from outside.

Nothing of the engine is used: the ledger is read with SQLite, manifests as
JSON, files by their bytes. The ledger is looked at in a copy, for opening one
that was killed would finish its transactions.
"""

import hashlib
import json
import shutil
import sqlite3
import tempfile
from collections import namedtuple
from pathlib import Path

Problem = namedtuple("Problem", "kind text")
Ledger = namedtuple("Ledger", "chain charges stored problems")

# Kinds of problems; the first four are the bars.
TWICE = "charged twice"
UNPAID = "visible, but not charged"
PARTIAL = "not whole"
CHANGED = "visible bytes have changed"
BROKEN = "the ledger contradicts itself"
REWRITTEN = "the ledger's past has changed"
STORED = "stored and visible bytes differ"
CURRENT = "current is not whole"
UNPUBLISHED = "charged, but not visible after recovery"
LEFTOVER = "left behind after recovery"
RUN = "a run failed"
KINDS = [TWICE, UNPAID, PARTIAL, CHANGED, BROKEN, REWRITTEN, STORED, CURRENT]
KINDS += [UNPUBLISHED, LEFTOVER, RUN]


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def release_id(period, revision):
    return period if revision == 0 else f"{period}-r{revision}"


def listed(manifest):
    """Files that a manifest lists, with their digests."""
    found = {}
    items = [manifest]
    while items:
        item = items.pop()
        if isinstance(item, list):
            items.extend(item)
        elif isinstance(item, dict):
            if "file" in item and "sha256" in item:
                found[item["file"]] = item["sha256"]
            items.extend(item.values())
    return found


def read_ledger(state):
    """The ledger of a state folder, which may have none."""
    with tempfile.TemporaryDirectory() as folder:
        for suffix in ["", "-wal"]:
            path = Path(state) / f"ledger.sqlite{suffix}"
            if path.exists():
                shutil.copyfile(path, Path(folder) / path.name)
        if not (Path(folder) / "ledger.sqlite").exists():
            return Ledger([], [], {}, [])
        connection = sqlite3.connect(Path(folder) / "ledger.sqlite")
        try:
            return _read(connection)
        except sqlite3.Error as error:
            return Ledger([], [], {}, [Problem(BROKEN, str(error))])
        finally:
            connection.close()


def _read(connection):
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    if {"entries", "charges", "files"} - {name for (name,) in tables}:
        return Ledger([], [], {}, [])
    problems = []
    sound = connection.execute("PRAGMA integrity_check").fetchall()
    if sound != [("ok",)]:
        problems.append(Problem(BROKEN, f"integrity_check says {sound[0]}"))
    chain, charges, head = [], [], bytes(32)
    entries = "SELECT seq, text, hash FROM entries ORDER BY seq"
    for place, (seq, text, digest) in enumerate(connection.execute(entries), 1):
        head = hashlib.sha256(head + text.encode()).digest()
        if seq != place or digest != head:
            problems.append(Problem(BROKEN, f"entry {place} does not follow from those before"))
        chain.append(text)
        kind, *lines = text.splitlines()
        if kind == "charge 1":
            said = dict(line.partition("=")[::2] for line in lines)
            if {"period", "revision", "manifest_sha256"} <= set(said):
                charges.append(said)
            else:
                problems.append(Problem(BROKEN, f"entry {place} says too little"))
    rows = connection.execute("SELECT period, revision FROM charges ORDER BY seq").fetchall()
    if rows != [(said["period"], int(said["revision"])) for said in charges]:
        problems.append(Problem(BROKEN, "its table of charges is not what its chain says"))
    stored = {}
    for period, revision, name, data in connection.execute("SELECT * FROM files"):
        stored.setdefault(release_id(period, revision), {})[name] = data
    return Ledger(chain, charges, stored, problems)


class Oracle:
    """Judges one project again and again, and remembers what was seen of it."""

    def __init__(self, project):
        self.project = Path(project)
        self.seen = {}  # (release, file) -> digest of bytes that were visible
        self.chain = []  # the ledger's entries
        self.releases_checked = 0
        self.files_checked = 0

    @property
    def published(self):
        return self.project / "published"

    def visible(self):
        """Names in releases/ that readers see."""
        folder = self.published / "releases"
        names = folder.iterdir() if folder.is_dir() else []
        return sorted(path.name for path in names if not path.name.startswith("."))

    def ledger(self):
        return read_ledger(self.project / "state")

    def check(self, recovered):
        """All problems. `recovered`: a run has just ended well."""
        ledger = self.ledger()
        problems = list(ledger.problems)
        paid = {}
        for said in ledger.charges:
            name = release_id(said["period"], int(said["revision"]))
            if name in paid:
                problems.append(Problem(TWICE, name))
            paid[name] = said
        if ledger.chain[: len(self.chain)] != self.chain:
            problems.append(Problem(REWRITTEN, "entries that were there are gone or changed"))
        self.chain = ledger.chain
        for name in self.visible():
            problems += self._release(name, paid.get(name), ledger.stored.get(name, {}))
        problems += self._gone()
        problems += self._current(paid)
        if recovered:
            problems += self._settled(paid)
        return problems

    def _release(self, name, said, stored):
        """What is wrong with one release that can be seen."""
        problems = [] if said else [Problem(UNPAID, name)]
        files, wrong = whole(self.published / "releases" / name)
        self.releases_checked += 1
        self.files_checked += len(files)
        problems += [Problem(PARTIAL, f"{name}: {text}") for text in wrong]
        manifest = sha256(files.get("manifest.json", b""))
        if said and said["manifest_sha256"] != manifest:
            problems.append(Problem(STORED, f"{name}: the manifest is not the one that was paid for"))
        if said and files != stored:
            problems.append(Problem(STORED, name))
        for file, data in files.items():
            if self.seen.setdefault((name, file), sha256(data)) != sha256(data):
                problems.append(Problem(CHANGED, f"{name}/{file}"))
        return problems

    def _gone(self):
        """Files that could be seen before, and can't any more."""
        folder = self.published / "releases"
        gone = (f"{name}/{file}" for name, file in self.seen if not (folder / name / file).exists())
        return [Problem(CHANGED, f"{path} is gone") for path in gone]

    def _current(self, paid):
        link = self.published / "current"
        if not link.is_symlink():
            there = link.exists()
            return [Problem(CURRENT, "it is no link")] if there else []
        if not link.is_dir():
            return [Problem(CURRENT, "its link leads nowhere")]
        files, wrong = whole(link)
        self.files_checked += len(files)
        problems = [Problem(CURRENT, text) for text in wrong]
        if wrong:
            return problems
        for release in json.loads(files["manifest.json"])["releases"]:
            name = release["release_id"]
            if paid.get(name, {}).get("manifest_sha256") != release["manifest_sha256"]:
                problems.append(Problem(UNPAID, f"{name} in current"))
            if name not in self.visible():
                problems.append(Problem(CURRENT, f"it shows {name}, which no folder holds"))
        return problems

    def _settled(self, paid):
        """What a run that ended well must have brought about."""
        missing = sorted(set(paid) - set(self.visible()))
        problems = [Problem(UNPUBLISHED, name) for name in missing]
        hidden = [path for path in self.published.rglob(".*") if path.name != ".generations"]
        staged = [*hidden, *(self.project / "state").glob("*.new")]
        problems += [Problem(LEFTOVER, str(path)) for path in staged]
        newest = {}
        for said in paid.values():
            newest[said["period"]] = max(newest.get(said["period"], 0), int(said["revision"]))
        expected = sorted(release_id(*one) for one in newest.items())
        shown = self.shown()
        if shown != expected:
            problems.append(Problem(UNPUBLISHED, f"current shows {shown}, not {expected}"))
        return problems

    def shown(self):
        """The releases that `current` says it holds."""
        path = self.published / "current" / "manifest.json"
        try:
            return sorted(one["release_id"] for one in json.loads(path.read_bytes())["releases"])
        except (OSError, ValueError, KeyError):
            return []


def whole(folder):
    """The files of a published folder, and in words what is wrong with them."""
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    wrong = [f"{path.name} is no file" for path in folder.iterdir() if not path.is_file()]
    try:
        expected = listed(json.loads(files["manifest.json"]))
    except (KeyError, ValueError):
        return files, [*wrong, "no manifest that can be read"]
    names = set(files) - {"manifest.json"}
    wrong += [f"{name} is missing" for name in sorted(set(expected) - names)]
    wrong += [f"{name} is not listed" for name in sorted(names - set(expected))]
    differ = (name for name in sorted(names & set(expected)) if sha256(files[name]) != expected[name])
    wrong += [f"{name} has another digest than is listed" for name in differ]
    return files, wrong
