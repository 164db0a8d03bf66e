"""Parameters whose value is a path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .base import NO_VALUE, Parameter

if TYPE_CHECKING:
    from pathlib import Path


class PathParameter(Parameter["Path"]):
    """A path, as pathlib.Path."""

    def __init__(self, default: Any = NO_VALUE, *, absolute: bool = False, exists: bool = False, **kwargs: Any) -> None:
        """
        :param absolute: make the path absolute.
        :param exists: refuse (ValueError) a path at which there is nothing.
        """
        super().__init__(default=default, **kwargs)
        self.absolute = absolute
        self.exists = exists

    @property
    def expected(self) -> str:
        return "the path of something that exists" if self.exists else "a path"

    def normalize(self, x: Any) -> Path:
        from pathlib import Path  # slow to import, and only needed by these parameters

        path = Path(x)
        if self.absolute:
            path = path.absolute()
        if self.exists and not path.exists():
            raise ValueError(f"The path {path} does not exist.")
        return path
