"""Runs luigi's tests against Martlet's luigi face and compares: `python -m luigi_suite PYTHON FOLDER`.

PYTHON is one of an environment with Martlet, martlet-luigi and what the tests need; FOLDER keeps luigi's source
distribution and what was found.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from . import distribution, runner, table
from .comparison import differences
from .outcome import FileOutcome


def main() -> int:
    """0 if every test ended as expected."""
    asked = _arguments()
    folder: Path = asked.folder.resolve()
    logs = folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    python = asked.python.absolute()  # not resolved: the link in an environment is what makes it one
    distribution.check_face(python)
    tree = distribution.unpack(python, folder)
    everything = table.files()
    selected = [file for file in everything if _selected(file, asked.file, asked.kind)]
    if not selected:
        print(f"no file of luigi's tests is called {' or '.join(asked.file)}", file=sys.stderr)
        return 2
    known = table.known_failures()
    ended = []
    for file in selected:
        never = [one.test for one in known if one.file == file.name and one.reason.startswith(table.NEVER_ENDS)]
        ended.append(runner.run(file, python, tree, asked.k, logs / f"{file.name.replace('/', '-')}.log", never))
        print(_line(file, ended[-1]), flush=True)
    found = differences(everything, known, ended, partial=bool(asked.k))
    (folder / "results.json").write_text(_json(ended), encoding="utf-8")
    print(_sums(selected, ended))
    if found:
        print(f"\n{len(found)} not as expected (logs in {logs}):")
        print("\n".join(f"  {line}" for line in found))
    return 1 if found else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="luigi_suite", description=__doc__)
    parser.add_argument("python", type=Path, metavar="PYTHON")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--file", nargs="*", default=[], help="only these files; `parameter` means parameter_test.py")
    parser.add_argument("--kind", choices=["public", "semi-public"], help="only files of this kind")
    parser.add_argument("-k", default="", help="only tests that pytest's -k selects")
    return parser.parse_args()


def _selected(file: table.SuiteFile, names: Sequence[str], kind: str | None) -> bool:
    stem = file.name.removesuffix(".py")
    return (kind is None or file.kind == kind) and (
        not names or any(name in (file.name, stem, stem.removesuffix("_test")) for name in names)
    )


def _line(file: table.SuiteFile, ended: FileOutcome) -> str:
    passed = ended.count("passed")
    note = f"  {ended.ended}" if ended.ended else ""
    return f"{file.name:<42} {passed:>4} of {file.tests:<4} {ended.seconds:6.1f} s{note}"


def _sums(selected: Sequence[table.SuiteFile], ended: Sequence[FileOutcome]) -> str:
    lines = [""]
    for kind in ("public", "semi-public"):
        pairs = [(file, end) for file, end in zip(selected, ended, strict=True) if file.kind == kind]
        if pairs:
            passed = sum(end.count("passed") for _, end in pairs)
            whole = sum(file.tests for file, _ in pairs)
            lines.append(f"{kind}: {passed} of {whole} tests pass, {len(pairs)} files")
    return "\n".join(lines)


def _json(ended: Sequence[FileOutcome]) -> str:
    files = [
        {"file": file.file, "seconds": round(file.seconds, 1), "ended": file.ended,
         "tests": [test._asdict() for test in file.tests]}
        for file in ended
    ]  # fmt: skip
    return json.dumps(files, indent=1)


if __name__ == "__main__":
    sys.exit(main())
