"""Workflows: tasks that are many of a kind, their branches (docs/workflows.md)."""

from .cascade import MergeCascade
from .workflow import Workflow

__all__ = ["MergeCascade", "Workflow"]
