"""Where the boxes of a picture are: in layers, each below what it needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

WIDTH, GAP, BETWEEN, MARGIN = 236.0, 26.0, 56.0, 24.0
"""Of a box, between boxes of a layer, between layers, around all: pixels."""
_PASSING = 30.0
"""Room for a line that passes a layer."""
_SWEEPS = 8


class Place(NamedTuple):
    """The left upper corner of a box, and its height."""

    x: float
    y: float
    height: float


class Layout(NamedTuple):
    width: float
    height: float
    places: list[Place]
    lines: list[list[tuple[float, float]]]
    """By edge, the points that it passes, from the box that is needed to the one that needs it."""


class _Item:
    """Something in a layer: a box, or a line that passes."""

    def __init__(self, box: int | None, width: float) -> None:
        self.box = box
        self.width = width
        self.x = 0.0
        """Of its middle."""
        self.above: list[_Item] = []
        self.below: list[_Item] = []


def laid_out(heights: Sequence[float], edges: Sequence[tuple[int, int]]) -> Layout:
    """Places boxes of these heights. `edges`: (needed, needs); those that would close a circle go upwards."""
    levels = _levels(len(heights), edges)
    layers: list[list[_Item]] = [[] for _ in range(max(levels, default=0) + 1)]
    boxes = [_Item(i, WIDTH) for i in range(len(heights))]
    for box, level in zip(boxes, levels, strict=True):
        layers[level].append(box)
    paths = [_path(boxes, levels, layers, *edge) for edge in edges]
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for layer in layers[1:] if down else layers[-2::-1]:
            _order(layer, down)
    width = _spread(layers)
    return _measured(layers, boxes, levels, heights, paths, edges, width)


def _levels(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """By box, the longest way down to it."""
    needs: list[list[int]] = [[] for _ in range(count)]
    for needed, by in edges:
        needs[by].append(needed)
    levels: list[int | None] = [None] * count
    open_boxes: set[int] = set()
    for start in range(count):
        stack = [start]
        while stack:
            box = stack[-1]
            if levels[box] is not None:
                stack.pop()
                open_boxes.discard(box)
                continue
            open_boxes.add(box)
            waiting = [one for one in needs[box] if levels[one] is None and one not in open_boxes]
            if waiting:
                stack += waiting
                continue
            levels[box] = max((known + 1 for one in needs[box] if (known := levels[one]) is not None), default=0)
    return [level or 0 for level in levels]


def _path(
    boxes: list[_Item], levels: list[int], layers: list[list[_Item]], needed: int, needs: int
) -> list[_Item]:
    """The items that an edge passes; new ones in the layers between."""
    path = [boxes[needed]]
    for level in range(levels[needed] + 1, levels[needs]):
        item = _Item(None, _PASSING)
        layers[level].append(item)
        path.append(item)
    path.append(boxes[needs])
    if levels[needed] < levels[needs]:
        for upper, lower in zip(path, path[1:], strict=False):
            upper.below.append(lower)
            lower.above.append(upper)
    return path


def _order(layer: list[_Item], down: bool) -> None:
    """Sorts a layer by the mean of what its items hang on."""
    _place(layer)

    def mean(item: _Item) -> float:
        others = item.above if down else item.below
        return sum(other.x for other in others) / len(others) if others else item.x

    layer.sort(key=mean)
    _place(layer)


def _place(layer: list[_Item]) -> float:
    """Puts a layer side by side, around zero. Returns its width."""
    total = sum(item.width for item in layer) + GAP * (len(layer) - 1)
    x = -total / 2
    for item in layer:
        item.x = x + item.width / 2
        x += item.width + GAP
    return total


def _spread(layers: list[list[_Item]]) -> float:
    """Moves items towards what they hang on, as far as there is room. Returns the width of all."""
    for layer in layers:
        _place(layer)
    for sweep in range(_SWEEPS):
        for layer in layers if sweep % 2 == 0 else layers[::-1]:
            wanted = []
            for item in layer:
                others = item.above + item.below
                wanted.append(sum(other.x for other in others) / len(others) if others else item.x)
            _settle(layer, wanted)
    left = min((item.x - item.width / 2 for layer in layers for item in layer), default=0.0)
    right = max((item.x + item.width / 2 for layer in layers for item in layer), default=0.0)
    for layer in layers:
        for item in layer:
            item.x += MARGIN - left
    return right - left + 2 * MARGIN


def _settle(layer: list[_Item], wanted: list[float]) -> None:
    """Puts items where they want to be, in their order and without overlap: blocks that touch share their wishes."""
    blocks: list[tuple[list[int], float]] = []
    offsets, offset = [], 0.0
    for i, item in enumerate(layer):
        if i:
            offset += layer[i - 1].width / 2 + GAP + item.width / 2
        offsets.append(offset)
    for i in range(len(layer)):
        members, place = [i], wanted[i] - offsets[i]
        while blocks and blocks[-1][1] > place:
            before, _ = blocks.pop()
            members = before + members
            place = sum(wanted[j] - offsets[j] for j in members) / len(members)
        blocks.append((members, place))
    for members, place in blocks:
        for j in members:
            layer[j].x = place + offsets[j]


def _measured(
    layers: list[list[_Item]],
    boxes: list[_Item],
    levels: list[int],
    heights: Sequence[float],
    paths: list[list[_Item]],
    edges: Sequence[tuple[int, int]],
    width: float,
) -> Layout:
    tops, y = [], MARGIN
    tallest = []
    for layer in layers:
        tops.append(y)
        tallest.append(max((heights[item.box] for item in layer if item.box is not None), default=0.0))
        y += tallest[-1] + BETWEEN
    places = [
        Place(box.x - WIDTH / 2, tops[level], height)
        for box, level, height in zip(boxes, levels, heights, strict=True)
    ]
    lines = []
    for path, (needed, needs) in zip(paths, edges, strict=True):
        line = [(path[0].x, places[needed].y + heights[needed])]
        for step, item in enumerate(path[1:-1], levels[needed] + 1):
            line += [(item.x, tops[step]), (item.x, tops[step] + tallest[step])]
        line.append((path[-1].x, places[needs].y))
        lines.append(line)
    return Layout(width, y - BETWEEN + MARGIN, places, lines)
