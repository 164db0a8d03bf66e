"""Tables as text with commas (`.csv`) or tabs (`.tsv`), by pandas."""

from __future__ import annotations

from typing import Any

from .base import UnfitContent, package

_FILES = "tables with commas"


def _separator(path: str) -> str:
    return "\t" if path.lower().endswith(".tsv") else ","


def load(path: str, **options: Any) -> Any:
    """A DataFrame; numbers to the last digit. `options`: those of pandas.read_csv."""
    pd = package("pandas", _FILES)
    options = {"sep": _separator(path), **options}
    if int(pd.__version__.partition(".")[0]) < 3:  # later ones do that anyway
        options.setdefault("float_precision", "round_trip")
    return pd.read_csv(path, **options)


def dump(obj: Any, path: str, **options: Any) -> None:
    """Writes a DataFrame, or what makes one. `options`: those of DataFrame.to_csv.

    The index is left out; one that says more than the numbers of the rows must be asked for: `index=True`.
    """
    pd = package("pandas", _FILES)
    table = obj if isinstance(obj, pd.DataFrame) else pd.DataFrame(obj)
    if "index" not in options and not table.index.equals(pd.RangeIndex(len(table))):
        raise UnfitContent("the table's index would be lost: reset_index() makes it columns, index=True writes it")
    table.to_csv(path, **{"sep": _separator(path), "index": False, **options})
