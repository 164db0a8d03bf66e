"""What a report tells of an execution, as far as it is needed to run it again."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..data import Data
from ..records import questions


class Output(Data):
    """A file as it was when its task had ended."""

    path: str
    size: int | None
    modified: int | None
    """Nanoseconds since 1970-01-01 UTC."""
    checksum: str = ""

    @classmethod
    def of(cls, told: Sequence[Any]) -> Output:
        return cls(told[0], told[1], told[2], told[3] if len(told) > 3 else "")


class Recorded(Data):
    """One report."""

    task: str
    family: str
    title: str
    name: str
    outcome: str
    wall: float
    params: Mapping[str, str]
    outputs: tuple[Output, ...]
    inputs: tuple[str, ...]
    """Ids of what it required, where they are few."""
    used: tuple[str, ...] | str | None
    """Names of the reports that it consumed, beside `inputs`; of many one digest."""
    taken: tuple[Output, ...]
    """Files that no report tells of."""
    code: Mapping[str, Any]
    environment: Mapping[str, Any]
    sandbox: str
    """As the class names it; empty for none."""
    sandboxed: Mapping[str, Any]
    """What was recorded of the sandbox."""
    script: Path | None
    directory: Path | None
    """Where it ran; None where that is not recorded."""
    members: tuple[Mapping[str, str], ...]
    """Of tasks that ran as one, the parameters of each."""

    @classmethod
    def find(cls, report: str, state: Path) -> Recorded:
        """The report of a task, or that of this name. Raises RecordsError where there is none or more than one."""
        told = questions.show(report, state=state)
        header = _header(Path(told["path"]), told["segment"])
        code = header.get("code", {})
        used = told.get("used")
        return cls(
            task=told["task"],
            family=told["family"],
            title=told["title"],
            name=told["name"],
            outcome=told["outcome"],
            wall=told["wall"],
            params={name: _text(value) for name, value in told["params"].items()},
            outputs=tuple(Output.of(output) for output in told.get("outputs", ())),
            inputs=tuple(told.get("inputs", ())),
            used=tuple(used) if isinstance(used, list) else used,
            taken=tuple(Output.of(file) for file in told.get("taken", ())),
            code=_fact(told.get("code")),
            environment=_fact(told.get("env")) or header.get("environment", {}),
            sandbox=str(_fact(told.get("sandbox")).get("sandbox", "")),
            sandboxed=_fact(told.get("sandbox")),
            script=Path(code["script"]) if "script" in code else None,
            directory=Path(code["directory"]) if "directory" in code else None,
            members=_members(told),
        )

    @property
    def revision(self) -> str:
        """The commit that was checked out; empty where there was none."""
        return str(self.code.get("revision") or "")

    def located(self, path: str, directory: Path) -> str:
        """A recorded path as an absolute one."""
        return path if "://" in path else os.path.join(directory, path)


def _fact(told: object) -> Mapping[str, Any]:
    # a digest whose fact is lost stays a digest
    return told if isinstance(told, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _members(told: Mapping[str, Any]) -> tuple[Mapping[str, str], ...]:
    """The parameters of each task of a batch, the one that led first."""
    rows = told.get("batch")
    if not rows:
        return ()
    names, *members = rows
    common = {name: _text(value) for name, value in told["params"].items()}
    return tuple({**common, **dict(zip(names, values, strict=True))} for _, *values in members)


def _header(path: Path, segment: str) -> Mapping[str, Any]:
    """The header of a segment; a file may hold several."""
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith('{"martlet":') and segment in line:
                try:
                    header: Mapping[str, Any] = json.loads(line)
                except ValueError:
                    continue
                if header.get("segment") == segment:
                    return header
    return {}
