"""The picture as a page of its own, with every task below it. It loads nothing from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from . import states
from .groups import Edge, Group
from .picture import svg

MOST = 2000
"""Tasks of a group that are listed, those that are not complete first."""

_STYLE = """
body { font: 14px/1.4 'DejaVu Sans', Verdana, Arial, sans-serif; margin: 1rem auto; max-width: 1400px; padding: 0 1rem;
       color: #111; background: #fff; }
figure { margin: 0; overflow-x: auto; border: 1px solid #ccc; }
figure svg { display: block; margin: 0 auto; max-width: none; }
details { border: 1px solid #ccc; margin: .4rem 0; padding: .3rem .7rem; }
summary { cursor: pointer; }
table { border-collapse: collapse; margin: .4rem 0; width: 100%; }
td, th { text-align: left; padding: .15rem .6rem; border-top: 1px solid #ddd; vertical-align: top; }
td:first-child { overflow-wrap: anywhere; }
.state { white-space: nowrap; padding: 0 .4rem; border: 1px solid #333; border-radius: 3px; }
"""

_SCRIPT = """
function opened() {
  const group = document.getElementById(location.hash.slice(1));
  if (group) { group.open = true; group.scrollIntoView(); }
}
addEventListener("hashchange", opened);
opened();
"""


def page(groups: Sequence[Group], edges: Sequence[Edge], heading: str) -> str:
    """HTML: the picture, and below it a part for each box that opens when the box is clicked."""
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        # nothing is fetched, whatever a title holds
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "script-src 'unsafe-inline'\">",
        f"<title>{escape(heading)}</title><style>{_STYLE}</style></head><body>",
        f"<figure>{svg(groups, edges, heading, links=True)}</figure>",
        *(_details(number, group) for number, group in enumerate(groups)),
        f"<script>{_SCRIPT}</script></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _details(number: int, group: Group) -> str:
    told = ", ".join(f"{_state(state)} {count:,}" for state, count in group.counts.items())
    order = list(states.LOOKS)
    members = sorted(group.members, key=lambda member: -order.index(member.state))
    rows = [
        f"<tr><td>{escape(member.title)}</td><td>{_state(member.state)}</td><td>{escape(member.reason)}</td></tr>"
        for member in members[:MOST]
    ]
    if len(members) > MOST:
        rows.append(f'<tr><td colspan="3">and {len(members) - MOST:,} more</td></tr>')
    return (
        f'<details id="group-{number}"><summary><b>{escape(group.title)}</b>: {told}</summary>'
        f"<table><tr><th>task</th><th>state</th><th>because</th></tr>{''.join(rows)}</table></details>"
    )


def _state(state: str) -> str:
    look = states.LOOKS[state]
    return f'<span class="state" style="background:{look.colour};color:{look.ink}">{escape(look.word)}</span>'
