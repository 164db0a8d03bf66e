"""What a case came to: exit code, files, tasks that ran, what was printed and logged."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import martlet
from beside_luigi.case import Case

HERE = Path(__file__).parent
ANALYSES = HERE / "analyses"
PYTHON = HERE.parents[1]
MARTLET = Path(martlet.__file__).parents[1]
"""Where the package under test is: installed, or the source."""
TITLE = "===== Luigi Execution Summary ====="


@dataclass
class Answer:
    """With names of this run (pids, folders, the worker's salt) replaced."""

    code: int
    files: dict[str, str]
    """All that lies in the folder afterwards; ran.txt apart."""
    ran: list[str]
    printed: list[str]
    summary: str
    log: list[str]
    """The rest of standard error: log, warnings, tracebacks."""


def ask(case: Case, python: str, folder: Path, ours: bool) -> Answer:
    """Runs a case under luigi, or (`ours`) with Martlet in luigi's place."""
    shutil.copytree(ANALYSES, folder)
    (folder / "luigi.cfg").write_text(case.settings)
    for name, text in case.files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    before = {path for path in folder.rglob("*") if path.is_file()} - {folder / name for name in case.files}
    path = [str(folder)] + [str(HERE / "place"), str(PYTHON / "martlet-luigi"), str(MARTLET)] * ours
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LUIGI", "MARTLET"))}
    environment |= {
        "PYTHONHASHSEED": "0", "PYTHONPATH": os.pathsep.join(path), "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONIOENCODING": "utf-8", "MARTLET_STATE": str(folder.with_suffix(".state")),
        "MARTLET_LUIGI": "" if ours else "real", "COLUMNS": "100", "TMPDIR": str(folder.parent), **case.environment,
    }  # fmt: skip
    run = subprocess.run(
        [python, *case.words], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    made = {path for path in folder.rglob("*") if path.is_file()} - before
    files = {str(path.relative_to(folder)): path.read_text() for path in sorted(made)}
    ran = files.pop("ran.txt", "").splitlines()
    printed, errors = (_anonymous(text, folder) for text in (run.stdout, run.stderr))
    summary, log = _apart(errors)
    answer = Answer(run.returncode, files, ran, printed.splitlines(), summary, log)
    if not case.ordered:
        answer.ran.sort()
    return answer


def _anonymous(text: str, folder: Path) -> str:
    """What is another at each run, whoever runs it."""
    text = text.replace(str(folder.resolve()), "<folder>").replace(str(folder), "<folder>")
    text = re.sub(r"Worker\(salt=[^)]*\)", "Worker(…)", text)
    text = re.sub(r"\b(martlet|luigi)(\.\w+)*\.(?=\w+(Error|Exception)\b)", "", text)
    text = re.sub(r"\[pid \d+\]", "[pid …]", text)
    return re.sub(r" at 0x[0-9a-f]+", " at 0x…", text)


def _apart(errors: str) -> tuple[str, list[str]]:
    """The execution summary, and the log without it and without the frames of luigi's and Martlet's own modules."""
    before, _, rest = errors.partition(TITLE)
    summary, _, after = rest.partition(TITLE)
    kept: list[str] = []
    ours = False
    warned = False
    for line in (before + after).splitlines():
        warning = re.match(r"\S+:\d+: (\w+Warning: .*)", line)
        if warning or (warned and line.startswith("  ")):  # its place, and the source line there
            kept += [warning[1]] if warning else []
            warned = warning is not None
            continue
        warned = False
        frame = re.match(r'\s+File "([^"]*)"', line)
        if frame:
            ours = not frame[1].startswith("<folder>")
            if not ours:
                kept.append(line)
        elif ours and re.match(r"\s{4,}", line):
            continue  # the source line of a frame
        else:
            ours = False
            if line.strip():
                kept.append(line)
    return summary.strip(), kept
