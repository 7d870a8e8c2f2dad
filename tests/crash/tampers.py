"""Damage that the oracle must notice: each by its name, with the kind of problem
that it is."""

import hashlib
import json
import shutil
import sqlite3

import oracle


def _ledger(project):
    connection = sqlite3.connect(project / "state" / "ledger.sqlite")
    for trigger in ["entries_stay", "entries_remain", "charges_stay", "charges_remain"]:
        connection.execute(f"DROP TRIGGER {trigger}")
    return connection


def _write(connection):
    connection.commit()
    connection.close()


def _release(project):
    return sorted((project / "published" / "releases").iterdir())[0]


def _tables(project):
    return sorted(_release(project).glob("*.parquet"))


def _chain(connection, texts):
    """Replaces all entries by these, each with the hash that it must have."""
    connection.execute("DELETE FROM entries")
    head = bytes(32)
    for seq, text in enumerate(texts, 1):
        head = hashlib.sha256(head + text.encode()).digest()
        connection.execute("INSERT INTO entries VALUES (?, ?, ?)", (seq, text, head))


def _texts(connection):
    return [text for (text,) in connection.execute("SELECT text FROM entries ORDER BY seq")]


def drop_a_charge(project):
    connection = _ledger(project)
    _chain(connection, _texts(connection)[:-1])
    connection.execute("DELETE FROM charges WHERE seq = (SELECT max(seq) FROM charges)")
    _write(connection)


def charge_again(project):
    connection = _ledger(project)
    texts = _texts(connection)
    _chain(connection, [*texts, texts[-1]])
    _write(connection)


def cheapen_a_charge(project):
    connection = _ledger(project)
    texts = _texts(connection)
    _chain(connection, [text.replace("\nrho_micro=", "\nrho_micro=0") for text in texts])
    _write(connection)


def break_the_chain(project):
    connection = _ledger(project)
    connection.execute("UPDATE entries SET text = text || 'x' WHERE seq = 2")
    _write(connection)


def forget_the_table_of_charges(project):
    connection = _ledger(project)
    connection.execute("DELETE FROM charges")
    _write(connection)


def change_stored_bytes(project):
    connection = _ledger(project)
    connection.execute("UPDATE files SET bytes = x'00' WHERE name = 'dim_theme.parquet'")
    _write(connection)


def store_one_file_more(project):
    connection = _ledger(project)
    connection.execute("INSERT INTO files VALUES ('2024-Q1', 0, 'more.parquet', x'00')")
    _write(connection)


def add_a_file(project):
    (_release(project) / "more.parquet").write_bytes(b"PAR1")


def remove_a_file(project):
    _tables(project)[0].unlink()


def keep_half_a_release(project):
    for path in _tables(project)[::2]:
        path.unlink()


def lose_the_manifest(project):
    (_release(project) / "manifest.json").unlink()


def cut_a_file(project):
    path = _tables(project)[0]
    path.write_bytes(path.read_bytes()[:-1])


def change_a_byte(project):
    path = _tables(project)[0]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def draw_anew(project):
    """Another release in place of one that was visible, sound in itself, and paid
    for as if it had always been that."""
    folder, path = _release(project), _tables(project)[0]
    before, after = path.read_bytes(), path.read_bytes() + b"PAR1"
    path.write_bytes(after)
    manifest = folder / "manifest.json"
    old = manifest.read_bytes()
    new = old.replace(oracle.sha256(before).encode(), oracle.sha256(after).encode())
    manifest.write_bytes(new)
    connection = _ledger(project)
    update = "UPDATE files SET bytes = ? WHERE period = ? AND revision = 0 AND name = ?"
    for name, data in [(path.name, after), ("manifest.json", new)]:
        connection.execute(update, (data, folder.name, name))
    texts = _texts(connection)
    swap = (oracle.sha256(old), oracle.sha256(new))
    _chain(connection, [text.replace(*swap) for text in texts])
    _write(connection)


def unpublish(project):
    shutil.rmtree(_release(project))


def leave_staging(project):
    (project / "published" / "releases" / ".staging-2024-Q1").mkdir()


def leave_a_state_file(project):
    (project / "state" / "seen.new").write_text("{")


def point_current_nowhere(project):
    link = project / "published" / "current"
    link.unlink()
    link.symlink_to(".generations/none")


def damage_current(project):
    path = (project / "published" / "current").resolve() / "dim_theme.parquet"
    path.write_bytes(b"PAR1")


def roll_current_back(project):
    path = (project / "published" / "current").resolve() / "manifest.json"
    manifest = json.loads(path.read_bytes())
    manifest["releases"] = manifest["releases"][:1]
    path.write_text(json.dumps(manifest))


ALL = {
    drop_a_charge: oracle.UNPAID,
    charge_again: oracle.TWICE,
    cheapen_a_charge: oracle.REWRITTEN,
    break_the_chain: oracle.BROKEN,
    forget_the_table_of_charges: oracle.BROKEN,
    change_stored_bytes: oracle.STORED,
    store_one_file_more: oracle.STORED,
    add_a_file: oracle.PARTIAL,
    remove_a_file: oracle.PARTIAL,
    keep_half_a_release: oracle.PARTIAL,
    lose_the_manifest: oracle.PARTIAL,
    cut_a_file: oracle.PARTIAL,
    change_a_byte: oracle.PARTIAL,
    draw_anew: oracle.CHANGED,
    unpublish: oracle.UNPUBLISHED,
    leave_staging: oracle.LEFTOVER,
    leave_a_state_file: oracle.LEFTOVER,
    point_current_nowhere: oracle.CURRENT,
    damage_current: oracle.CURRENT,
    roll_current_back: oracle.UNPUBLISHED,
}
