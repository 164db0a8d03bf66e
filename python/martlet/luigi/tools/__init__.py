"""luigi.tools: ranges of tasks, and looks at what tasks require."""

from types import ModuleType


def __getattr__(name: str) -> ModuleType:
    """In luigi, whoever has imported luigi has the ranges too."""
    if name != "range":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return import_module(f"{__name__}.range")
