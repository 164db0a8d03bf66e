"""Tasks that are commands: programs and shell lines, run by the engine."""

from .error import CommandError
from .exits import Exit
from .task import CommandTask

__all__ = ["CommandError", "CommandTask", "Exit"]
