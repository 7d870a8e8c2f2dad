#!/usr/bin/env python3
"""How often does the quick audit raise an alarm of sound code?

    python3 tests/audit/clean.py --lodestar target/release/lodestar --audits 1000 --log clean.tsv

Runs quick audits, each with a seed of its own (noise has none: it is drawn anew each
time), and appends a line for each to the log: seed, exit code, seconds of a processor,
the claims that were shown to be wrong. What stands there already is not run again, so
it can be stopped at any time, and started once more. A log is of one program: its
SHA-256 is the first line.

Exit code 0: at most 3 alarms in 1,000 audits. 1: more. 2: it could not be found out.
Needs Python 3.9 and its standard library.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

MOST = 3  # alarms in 1,000 audits
SOUND, ALARM = 0, 8  # exit codes


def audit(program, only, seed):
    """One audit: a line of the log."""
    command = [program, "audit", "--quick", "--json", "--threads", "1", "--seed", str(seed)]
    command += ["--only", only] if only else []
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    said = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = code = os.waitstatus_to_exitcode(status)
    if code not in (SOUND, ALARM):
        raise RuntimeError(f"seed {seed}: exit code {code}; run: {' '.join(command)}")
    claims = json.loads(said)["claims"]
    wrong = [f"{claim['check']}: {claim['mechanism']}" for claim in claims if not claim["holds"]]
    assert bool(wrong) == (code == ALARM), f"seed {seed}: exit code {code}, wrong: {wrong}"
    return f"{seed}\t{code}\t{used.ru_utime + used.ru_stime:.2f}\t{'; '.join(wrong)}\n"


def lines(log, program):
    """What the log has of this program, by seed; a log is begun where there is none."""
    head = f"# {hashlib.sha256(Path(program).read_bytes()).hexdigest()}\n"
    if not log.exists():
        log.write_text(head)
    first, *others = log.read_text().splitlines(keepends=True)
    if first != head:
        raise RuntimeError(f"{log} is of another program: name another log")
    # The last line may have been cut off.
    whole = [line for line in others if line.endswith("\n")]
    log.write_text("".join([first, *whole]))
    return {int(line.split("\t")[0]): line for line in whole}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lodestar", required=True, help="the program")
    parser.add_argument("--audits", type=int, default=1000, help="how many (1000)")
    parser.add_argument("--log", type=Path, required=True, help="where each leaves a line")
    parser.add_argument("--jobs", type=int, default=1, help="so many at once (1)")
    parser.add_argument("--only", help="these parts alone, as of `lodestar audit`")
    asked = parser.parse_args()
    program = str(Path(asked.lodestar).resolve())
    done = lines(asked.log, program)
    missing = [seed for seed in range(1, asked.audits + 1) if seed not in done]
    pool = concurrent.futures.ThreadPoolExecutor(asked.jobs)
    with pool, asked.log.open("a") as log:
        audits = [pool.submit(audit, program, asked.only, seed) for seed in missing]
        try:
            for one in concurrent.futures.as_completed(audits):
                line = one.result()
                log.write(line)
                log.flush()
                done[int(line.split("\t")[0])] = line
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    mine = [done[seed].rstrip("\n").split("\t") for seed in range(1, asked.audits + 1)]
    alarms = [fields for fields in mine if int(fields[1]) == ALARM]
    for seed, _, _, wrong in alarms:
        print(f"seed {seed}: {wrong}")
    seconds = [float(fields[2]) for fields in mine]
    mean, most = sum(seconds) / len(seconds), max(seconds)
    print(
        f"{len(mine)} quick audits, {len(alarms)} alarms; {mean:.1f} s of a processor each, "
        f"at most {most:.1f}"
    )
    return int(len(alarms) > MOST * max(len(mine), 1000) // 1000)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
