"""What tasks need, as a picture: groups of tasks with their states, and what needs what.

    from martlet.graph import graph

    graph(TTH()).save("tth.html")       # a notebook shows it by itself
"""

from __future__ import annotations

from .drawing import Graph, graph
from .groups import Edge, Group, Member

__all__ = ["Edge", "Graph", "Group", "Member", "graph"]
