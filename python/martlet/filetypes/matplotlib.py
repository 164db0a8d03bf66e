"""Figures of matplotlib. The same figure gives the same bytes: no time of creation, no random names."""

from __future__ import annotations

from typing import Any

from .base import UnfitContent, package

_FILES = "figures"
_WITHOUT_TIME = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}


def load(path: str) -> Any:
    """The pixels of a `.png` as an array; other figures are not for reading."""
    if not path.lower().endswith(".png"):
        raise UnfitContent(f"a figure in .{path.rpartition('.')[2]} is to be looked at: it has no content to load")
    return package("matplotlib.image", _FILES, "matplotlib").imread(path)


def dump(obj: Any, path: str, **options: Any) -> None:
    """Draws a figure, or the one that axes belong to. `options`: those of savefig, e.g. `dpi`, `bbox_inches`."""
    figure = obj if hasattr(obj, "savefig") else getattr(obj, "figure", None)
    if not hasattr(figure, "savefig"):
        raise UnfitContent(f"a figure is expected, or axes of one, not {type(obj).__name__}")
    end = path.rpartition(".")[2].lower()
    options.setdefault("metadata", _WITHOUT_TIME.get(end))
    with package("matplotlib", _FILES).rc_context({"svg.hashsalt": "martlet"}):
        figure.savefig(path, format=end, **options)  # type: ignore[union-attr]
