"""The graph of tasks as a value that can be drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..data import Data
from .groups import ROOM, Edge, Group, grouped, shown

if TYPE_CHECKING:
    from ..surveying import Survey


class Graph(Data):
    """What tasks need, in groups."""

    heading: str
    groups: tuple[Group, ...]
    edges: tuple[Edge, ...]

    @classmethod
    def of(cls, survey: Survey, room: int = ROOM) -> Graph:
        """The graph of a survey; `room`: how many boxes it has at the most before tasks of a family share one."""
        groups, edges = grouped(survey, room)
        roots = [survey.tasks[index].title for index in survey.roots]
        more = f" and {len(roots) - 1} more" if len(roots) > 1 else ""
        count = len(survey.tasks)
        tasks = "1 task" if count == 1 else f"{count:,} tasks"
        return cls(f"{shown(roots[0])}{more}: {tasks}" if roots else tasks, groups, edges)

    def text(self, form: str) -> str:
        """As `svg`, `dot` or `html`. ValueError for any other."""
        if form not in FORMS:
            raise ValueError(f"{form!r} is no form of a graph: there is {', '.join(FORMS)}")
        return FORMS[form](self)

    def save(self, path: Any, form: str | None = None) -> None:
        """Writes it to a file; the form is the end of its name where none is given."""
        from ..targets.local import LocalTarget

        chosen = form or Path(path).suffix.removeprefix(".")
        text = self.text(chosen)
        with LocalTarget(path).open("w") as file:
            file.write(text)

    def _repr_svg_(self) -> str:
        return self.text("svg")


def _svg(graph: Graph) -> str:
    from .picture import svg

    return svg(graph.groups, graph.edges, graph.heading)


def _dot(graph: Graph) -> str:
    from .dot import dot

    return dot(graph.groups, graph.edges, graph.heading)


def _html(graph: Graph) -> str:
    from .page import page

    return page(graph.groups, graph.edges, graph.heading)


FORMS: Mapping[str, Callable[[Graph], str]] = {"svg": _svg, "dot": _dot, "html": _html}


def graph(tasks: Any, *, state: Any = None, room: int = ROOM) -> Graph:
    """The graph of what tasks (one, or several) need, with how each stands. Nothing is run.

    Raises MartletError when the settings are wrong, something is no task, or there is a cycle.
    """
    from ..steering import session

    return Graph.of(session.survey(tasks, state=state), room)
