"""Parameters whose value is true or false."""

from __future__ import annotations

from typing import Any

from .base import NO_VALUE, NoValue, Parameter


class BoolParameter(Parameter[bool]):
    """True or false; False if nothing is said.

    With implicit parsing (the default) the bare flag `--name` means True and takes no value; with explicit parsing
    `--name true` and `--name false` are understood too. `BoolParameter.parsing` is the default for all.
    """

    IMPLICIT_PARSING = "implicit"
    EXPLICIT_PARSING = "explicit"
    parsing = IMPLICIT_PARSING

    def __init__(self, default: bool | NoValue = NO_VALUE, parsing: str | None = None, **kwargs: Any) -> None:
        self.parsing = self.__class__.parsing if parsing is None else parsing
        super().__init__(default=default, **kwargs)
        if self._default is NO_VALUE:
            self._default = False

    @property
    def expected(self) -> str:
        return "true or false"

    def parse(self, x: Any) -> bool:
        text = str(x).lower()
        if text == "true":
            return True
        if text == "false":
            return False
        raise ValueError(f"cannot interpret '{x}' as boolean")

    def normalize(self, x: Any) -> bool:
        """True, False, or None for what is neither (luigi's rule)."""
        if x is True or x is False:
            return x
        try:
            return self.parse(x)
        except ValueError:
            return None  # type: ignore[return-value]

    def _parser_kwargs(self, param_name: str, task_name: str | None = None) -> dict[str, Any]:
        kwargs = super()._parser_kwargs(param_name, task_name)
        if self.parsing == self.IMPLICIT_PARSING:
            kwargs["action"] = "store_true"
        elif self.parsing == self.EXPLICIT_PARSING:
            kwargs["nargs"] = "?"
            kwargs["const"] = True
        else:
            raise ValueError(f"unknown parsing value '{self.parsing}'")
        return kwargs
