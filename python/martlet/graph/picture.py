"""The picture as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from . import states
from .groups import Edge, Group
from .layout import MARGIN, WIDTH, Layout, Place, laid_out

_LINE, _PAD, _BAR = 16.0, 10.0, 10.0
_LETTERS = 26
"""Letters that fit into a line of a box."""
_MOST_LINES = 5
_FONT = "font-family=\"'DejaVu Sans', Verdana, Arial, sans-serif\""


def svg(groups: Sequence[Group], edges: Sequence[Edge], heading: str, *, links: bool = False) -> str:
    """The picture. `links`: boxes lead to `#group-N`, for a page that has such places."""
    texts = [_wrapped(group.title) for group in groups]
    heights = [_height(group, text) for group, text in zip(groups, texts, strict=True)]
    layout = laid_out(heights, [(edge.needed, edge.needs) for edge in edges])
    shown = [state for state in states.LOOKS if any(state in group.counts for group in groups)]
    legend = _legend(shown)
    width = max(layout.width, 560.0)
    shift = (width - layout.width) / 2
    top = 40.0 + 20.0 * len(legend)
    height = layout.height + top
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img" {_FONT} font-size="12">',
        f"<title>{escape(heading)}</title>",
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#555"/></marker></defs>',
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
        f'<text x="{MARGIN}" y="26" font-size="15" font-weight="bold">'
        f"{escape(_cut(heading, int(width / 10.5)))}</text>",
    ]
    for row, entries in enumerate(legend):
        parts += _legend_row(entries, 48.0 + 20.0 * row)
    parts.append(f'<g transform="translate({shift:.1f},{top:.0f})">')
    parts += [_edge(edge, line) for edge, line in zip(edges, layout.lines, strict=True)]
    boxes = zip(groups, texts, layout.places, strict=True)
    parts += [_box(i, group, text, place, links) for i, (group, text, place) in enumerate(boxes)]
    parts += [_count(edge, line) for edge, line in zip(edges, _labelled(layout), strict=True) if edge.count > 1]
    return "\n".join([*parts, "</g>", "</svg>"]) + "\n"


def _labelled(layout: Layout) -> list[tuple[float, float]]:
    """Where the numbers of edges stand: before their ends, moved apart where they come together."""
    places, taken = [], set()
    for line in layout.lines:
        (x0, _), (x1, y1) = line[-2], line[-1]
        x, y = x1 + (x0 - x1) * 0.3, y1 - 20
        while (round(x / 40), round(y / 13)) in taken:
            y -= 13
        taken.add((round(x / 40), round(y / 13)))
        places.append((x, y))
    return places


def _legend(shown: Sequence[str]) -> list[list[str]]:
    return [list(shown[i : i + 4]) for i in range(0, len(shown), 4)]


def _legend_row(entries: Sequence[str], y: float) -> list[str]:
    parts, x = [], MARGIN
    for state in entries:
        look = states.LOOKS[state]
        parts.append(f'<rect x="{x:.0f}" y="{y - 10:.0f}" width="12" height="12" fill="{look.colour}" stroke="#333"/>')
        parts.append(f'<text x="{x + 17:.0f}" y="{y:.0f}">{escape(look.word)}</text>')
        x += 36 + 7.6 * len(look.word)
    return parts


def _height(group: Group, text: Sequence[str]) -> float:
    return 2 * _PAD + _LINE * (len(text) + len(_told(group))) + _BAR + 4


def _told(group: Group) -> list[str]:
    """The lines below a box's title."""
    counts = group.counts
    if len(group.members) == 1:
        return [states.LOOKS[group.members[0].state].word]
    total = len(group.members)
    chain = ", one after another" if group.chained >= total - 1 and total > 1 else ""
    lines = [f"{total:,} tasks{chain}"]
    return lines + [f"{count:,} {states.LOOKS[state].word}" for state, count in counts.items()]


def _box(number: int, group: Group, text: Sequence[str], place: Place, links: bool) -> str:
    x, y = place.x, place.y
    parts = [
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{WIDTH:.0f}" height="{place.height:.1f}" rx="5" fill="#ffffff" '
        f'stroke="#333" stroke-width="{1 if len(group.members) == 1 else 2}"/>',
        f"<title>{escape(group.title)}</title>",
    ]
    line = y + _PAD + 11
    for words in text:
        parts.append(f'<text x="{x + _PAD:.1f}" y="{line:.1f}" font-weight="bold">{escape(words)}</text>')
        line += _LINE
    for words in _told(group):
        parts.append(f'<text x="{x + _PAD:.1f}" y="{line:.1f}" fill="#333">{escape(words)}</text>')
        line += _LINE
    parts += _bar(group, x + _PAD, y + place.height - _PAD - _BAR)
    box = "<g>" + "".join(parts) + "</g>"
    return f'<a href="#group-{number}">{box}</a>' if links else box


def _bar(group: Group, x: float, y: float) -> list[str]:
    """How many are in which state; a state that there is can be seen, however few they are."""
    width = WIDTH - 2 * _PAD
    counts = group.counts
    total = sum(counts.values())
    least = 4.0
    shares = {state: max(least, width * count / total) for state, count in counts.items()}
    scale = width / sum(shares.values())
    parts = []
    for state, share in shares.items():
        parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{share * scale:.1f}" height="{_BAR:.0f}" '
            f'fill="{states.LOOKS[state].colour}" stroke="#333" stroke-width="0.5"/>'
        )
        x += share * scale
    return parts


def _edge(edge: Edge, line: Sequence[tuple[float, float]]) -> str:
    (x, y), *rest = line
    d = [f"M{x:.1f},{y:.1f}"]
    for px, py in rest:
        if abs(px - x) < 0.5:
            d.append(f"L{px:.1f},{py:.1f}")
        else:
            middle = (y + py) / 2
            d.append(f"C{x:.1f},{middle:.1f} {px:.1f},{middle:.1f} {px:.1f},{py:.1f}")
        x, y = px, py
    stroke = 1.2 if edge.count == 1 else 1.8
    return f'<path d="{" ".join(d)}" fill="none" stroke="#555" stroke-width="{stroke}" marker-end="url(#arrow)"/>'


def _count(edge: Edge, place: tuple[float, float]) -> str:
    words = f"{edge.count:,}"
    width = 7.0 * len(words) + 8
    x, y = place
    return (
        f'<rect x="{x - width / 2:.1f}" y="{y - 10:.1f}" width="{width:.1f}" height="14" rx="3" fill="#ffffff" '
        f'opacity="0.9"/><text x="{x:.1f}" y="{y + 1:.1f}" text-anchor="middle" font-size="11" fill="#333">'
        f"{words}</text>"
    )


def _wrapped(title: str) -> list[str]:
    """A title in lines: broken behind commas, brackets and their like, within words where there is no other way."""
    lines, line = [], ""
    for piece in _pieces(title):
        if len(line) + len(piece) > _LETTERS and line:
            lines.append(line.rstrip())
            line = ""
        while len(piece) > _LETTERS:
            lines.append(piece[:_LETTERS])
            piece = piece[_LETTERS:]
        line += piece
    lines.append(line.rstrip())
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], _cut(lines[_MOST_LINES - 1] + "…", _LETTERS)]
    return lines


def _pieces(title: str) -> list[str]:
    pieces, piece = [], ""
    for character in title:
        piece += character
        if character in " ,(/=_":
            pieces.append(piece)
            piece = ""
    return [*pieces, piece] if piece else pieces


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
