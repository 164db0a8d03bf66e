"""Where reports, ledger and logs live."""

from __future__ import annotations

from pathlib import Path

from .configuration import Configuration, Value, find

FOLDER = ".martlet"


def default(script: Path | None) -> Path:
    """The state directory of a script as files and environment have it."""
    return directory(find(script), script)


def directory(configuration: Configuration, script: Path | None) -> Path:
    """The state directory; nothing is made here. See `located` for the rule."""
    return Path(str(located(configuration, script).value))


def located(configuration: Configuration, script: Path | None) -> Value:
    """The state directory and why it is this one.

    The configured one (flag, $MARTLET_STATE, file), else `.martlet` beside the configuration file, else at the root
    of the git repository, else beside the script, else in the current directory.
    """
    configured = configuration.values["state"]
    if isinstance(configured.value, Path):
        return Value(configured.value.absolute(), configured.source)
    if configuration.project_file is not None:
        return Value(configuration.project_file.parent / FOLDER, f"beside {configuration.project_file}")
    start = Path.cwd() if script is None else script.resolve().parent
    for folder in (start, *start.parents):
        # a file in worktrees and submodules, a directory otherwise
        if (folder / ".git").exists():
            return Value(folder / FOLDER, f"git repository {folder}")
    return Value(start / FOLDER, "beside the script" if script is not None else "current directory")
