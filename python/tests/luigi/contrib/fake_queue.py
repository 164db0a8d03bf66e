"""The programs of two batch systems over a folder: they run jobs here, and lose, delay and lie as they are told.

`FAKE_QUEUE/mode` is a word:
well            jobs run and are listed until they end
slow            jobs begin late and are not listed before
lost            jobs are accepted and never run
crash           jobs end without having done anything
silent          every other question is answered by an error
deaf            no question is answered
stuck           jobs are listed in an error state
mute            the answer to a submission has no number
forever         jobs are listed and never begin
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(os.environ["FAKE_QUEUE"])
LATE = 3
"""Looks at the queue after which slow jobs begin."""


def count(name: str) -> int:
    """How often this was called with a name, this time included."""
    with open(FOLDER / name, "a") as file:
        file.write(".")
        return file.tell()


def begin(job: str, script: str) -> None:
    out, errors = (FOLDER / f"{job}.paths").read_text().split("\n")
    with open(out, "w") as stdout, open(errors, "w") as stderr:
        process = subprocess.Popen(["sh", "-c", script], stdout=stdout, stderr=stderr, start_new_session=True)
    (FOLDER / f"{job}.pid").write_text(str(process.pid))


def submitted(script: str, out: str, errors: str) -> str:
    mode = (FOLDER / "mode").read_text()
    job = str(100 + count("submissions"))
    (FOLDER / f"{job}.paths").write_text(f"{out.lstrip(':')}\n{errors.lstrip(':')}")
    (FOLDER / f"{job}.script").write_text(script)
    if mode in ("well", "silent"):
        begin(job, script)
    elif mode == "crash":
        begin(job, "echo 'out of memory' >&2; exit 1")
    return job


def state(job: str) -> str:
    """running, waiting, error or nothing."""
    mode = (FOLDER / "mode").read_text()
    looks = count(f"{job}.looks")
    if mode == "deaf" or (mode == "silent" and looks % 2):
        print("cannot reach the master", file=sys.stderr)
        sys.exit(1)
    if mode in ("stuck", "forever"):
        return "error" if mode == "stuck" else "waiting"
    if mode == "slow" and looks == LATE:
        begin(job, (FOLDER / f"{job}.script").read_text())
    pid = FOLDER / f"{job}.pid"
    if not pid.exists():
        return ""
    # the shell that began it is gone, so that nobody awaits it
    return "running" if alive(int(pid.read_text())) else ""


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def option(words: list[str], name: str) -> str:
    return words[words.index(name) + 1]


def known_jobs() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.script"))


def main(program: str, words: list[str]) -> None:
    with open(FOLDER / "calls", "a") as calls:
        print(program, *words, file=calls)
    mode = (FOLDER / "mode").read_text()
    if program == "qsub":
        job = submitted(sys.stdin.read(), option(words, "-o"), option(words, "-e"))
        print("" if mode == "mute" else f'Your job {job} ("{option(words, "-N")}") has been submitted')
    elif program == "bsub":
        job = submitted(words[-1], option(words, "-o"), option(words, "-e"))
        print("" if mode == "mute" else f"Job <{job}> is submitted to queue <{option(words, '-q')}>.")
    elif program == "qstat" and words:
        if state(option(words, "-j")):
            print("====")
        else:
            print("Following jobs do not exist:", words[-1], file=sys.stderr)
            sys.exit(1)
    elif program == "qstat":
        letters = {"running": "r", "waiting": "qw", "error": "Eqw"}
        rows = [f"{job} 0.5 name user {letters[known]} 01/01/2026" for job in known_jobs() if (known := state(job))]
        print("job-ID prior name user state submit/start at", "-----", *rows, sep="\n")
    elif program == "bjobs":
        known = state(words[-1])
        if not known:
            print(f"Job <{words[-1]}> is not found", file=sys.stderr)
            sys.exit(255)
        print({"running": "RUN", "waiting": "PEND", "error": "EXIT"}[known])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
