"""`python -m martlet.completion.importing SCRIPT`: imports a script and prints what its command line can name.

The JSON follows a NUL character: what the script prints itself comes before.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from .. import luigi_finder
from ..fingerprint.repository import Repository
from ..parameters.base import ParameterVisibility
from ..steering import classes, configured_stores, definitions
from .catalogue import stamp


def main(script: Path) -> int:
    luigi_finder.install()
    path = script.resolve()
    configured_stores.run_for(path)
    before = stamp(str(path))
    definitions.execute(path)
    families = [
        [name, classes.first_line(cls), [_flag(info) for info in classes.parameters(cls) if _is_public(info)]]
        for name, cls in classes.families().items()
    ]
    sources = {str(path): before, **{file: stamp(file) for file in _sources(path)}}
    sys.stdout.write("\0" + json.dumps({"sources": sources, "families": families}))
    sys.stdout.flush()
    os._exit(0)  # what the script has left running is no concern of ours


def _is_public(info: classes.ParameterInfo) -> bool:
    return bool(info.parameter.visibility == ParameterVisibility.PUBLIC)


def _flag(info: classes.ParameterInfo) -> list[Any]:
    parameter = info.parameter
    arguments = info.parser_arguments()
    switch = str(arguments.get("action", "store")) != "store" and "nargs" not in arguments
    default = info.default_text
    text = info.description or info.expected
    return [info.local_flag, f"{text} [{default}]" if default else text, switch, _choices(parameter)]


def _choices(parameter: Any) -> list[str]:
    """The values of a parameter that takes only some."""
    enum = getattr(parameter, "_enum", None)
    if enum is not None:
        return list(enum.__members__)
    ordered = getattr(parameter, "_ordered_choices", None)
    if ordered is not None:
        return [str(parameter.serialize(one)) if not isinstance(one, str) else one for one in ordered]
    return ["true", "false"] if type(parameter).__name__ in ("BoolParameter", "OptionalBoolParameter") else []


def _sources(script: Path) -> list[str]:
    """The user's own files that were imported."""
    repository = Repository.around(str(script), "__main__")
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    return sorted({file for file in files if isinstance(file, str) and file != str(script) and repository.holds(file)})


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
