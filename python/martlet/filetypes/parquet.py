"""Parquet, by pyarrow: awkward arrays, tables of pandas, tables of arrow. What was written is what is read."""

from __future__ import annotations

from typing import Any

from .base import UnfitContent, package

_FILES = "Parquet files"


def load(path: str, kind: str | None = None, columns: Any = None) -> Any:
    """What the file holds: by default what it was written from.

    :param kind: `awkward`, `pandas` or `arrow`.
    :param columns: names of those wanted.
    """
    pq = package("pyarrow.parquet", _FILES, "pyarrow")
    kind = _written_from(pq.read_schema(path)) if kind is None else kind
    if kind == "awkward":
        return package("awkward", "awkward arrays in Parquet files").from_parquet(path, columns=columns)
    if kind == "pandas":
        return package("pandas", "tables of pandas in Parquet files").read_parquet(
            path, engine="pyarrow", columns=columns
        )
    if kind != "arrow":
        raise ValueError(f"kind must be awkward, pandas or arrow (got: {kind!r})")
    return pq.ParquetFile(path).read(columns=columns)


def dump(obj: Any, path: str, **options: Any) -> None:
    """Writes an awkward array, a DataFrame, a table of arrow, or a dict of columns. `options`: the writer's own."""
    pa, pq = package("pyarrow", _FILES), package("pyarrow.parquet", _FILES, "pyarrow")
    origin = type(obj).__module__.partition(".")[0]
    if origin == "awkward":
        package("awkward", _FILES).to_parquet(obj, path, **options)
    elif origin == "pandas":
        obj.to_parquet(path, engine="pyarrow", **options)
    elif isinstance(obj, pa.Table):
        pq.write_table(obj, path, **options)
    elif isinstance(obj, dict):
        pq.write_table(pa.table(obj), path, **options)
    else:
        raise UnfitContent(f"a Parquet file holds a table or an awkward array, not {type(obj).__name__}")


def _written_from(schema: Any) -> str:
    if b"pandas" in (schema.metadata or {}):
        return "pandas"
    names = [(field.metadata or {}).get(b"ARROW:extension:name") for field in schema]
    names += [getattr(field.type, "extension_name", "").encode() for field in schema]
    return "awkward" if b"awkward" in names else "arrow"
