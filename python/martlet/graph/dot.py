"""The picture for graphviz, which lays it out itself."""

from __future__ import annotations

from collections.abc import Sequence

from . import states
from .groups import Edge, Group


def dot(groups: Sequence[Group], edges: Sequence[Edge], heading: str) -> str:
    """A digraph; the colour of a box is that of its least good state."""
    lines = [
        "digraph martlet {",
        f'  label={_quoted(heading)}; labelloc=t; fontname="Helvetica"; rankdir=TB;',
        '  node [shape=box, style="rounded,filled", fontname="Helvetica"]; edge [fontname="Helvetica"];',
    ]
    for number, group in enumerate(groups):
        counts = group.counts
        look = states.LOOKS[list(counts)[-1]]
        told = [f"{count} {states.LOOKS[state].word}" for state, count in counts.items()]
        text = [group.title, *([f"{len(group.members)} tasks"] if len(group.members) > 1 else []), *told]
        label = _quoted("\n".join(text))
        lines.append(f'  g{number} [label={label}, fillcolor="{look.colour}", fontcolor="{look.ink}"];')
    for edge in edges:
        label = f" [label={_quoted(str(edge.count))}]" if edge.count > 1 else ""
        lines.append(f"  g{edge.needed} -> g{edge.needs}{label};")
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    # graphviz takes HTML's names of characters for these
    escaped = text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
