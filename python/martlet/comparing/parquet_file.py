"""Parquet: schema and columns, without the writer's name and how pages are laid out."""

from __future__ import annotations

LEAVES_OUT = "the writer's name, metadata, and how pages are laid out"


def difference(first: str, second: str) -> str | None:
    from pyarrow import parquet  # type: ignore[import-untyped]

    one, other = parquet.read_table(first), parquet.read_table(second)
    if not one.schema.equals(other.schema, check_metadata=False):
        return f"columns are {_columns(one.schema)} and {_columns(other.schema)}"
    if one.num_rows != other.num_rows:
        return f"{one.num_rows} and {other.num_rows} rows"
    for name in one.column_names:
        here, there = one.column(name), other.column(name)
        if here.equals(there):
            continue
        for row, (a, b) in enumerate(zip(here.to_pylist(), there.to_pylist(), strict=True)):
            if a != b and not (a != a and b != b):
                return f"{name}[{row}]: {a!r:.60} and {b!r:.60}"
    return None


def _columns(schema: object) -> str:
    return ", ".join(f"{field.name}: {field.type}" for field in schema)  # type: ignore[attr-defined]
