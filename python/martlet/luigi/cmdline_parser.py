"""luigi.cmdline_parser: luigi's command line, an argparse parser made of every parameter of every task class."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..parameters.configured import Rank, Source, set_source
from ..register import Register

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


class _InForce(type):
    """Metaclass: the parser that is `_instance` is where parameters look for values first."""

    def __setattr__(cls, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "_instance":
            set_source(Rank.COMMAND_LINE, None if value is None else Source(value.configured))


class CmdlineParser(metaclass=_InForce):
    """A parsed command line. One at a time is in force: `--Family-parameter` then counts for every task made."""

    _instance: Any = None

    @classmethod
    def get_instance(cls) -> CmdlineParser | None:
        """The one in force."""
        instance: CmdlineParser | None = cls._instance
        return instance

    @classmethod
    @contextmanager
    def global_instance(cls, cmdline_args: Sequence[str], allow_override: bool = False) -> Iterator[CmdlineParser]:
        """A parsed command line that is in force while this is entered; there must be none yet, or `allow_override`."""
        before = cls._instance
        assert before is None or allow_override
        parser = cls(cmdline_args)
        cls._instance = parser
        try:
            yield parser
        finally:
            cls._instance = before

    def __init__(self, cmdline_args: Sequence[str]) -> None:
        """Imports `--module`, and exits after `--help`; SystemExit for a wrong command line, TaskClassException for a
        wrong task."""
        arguments = list(cmdline_args)
        _accept_offers(arguments)
        known, _ = self._build_parser().parse_known_args(arguments)
        if known.core_module:
            __import__(known.core_module)
            # the classes of that module have flags too, which take values that looked like the task before
            known, _ = self._build_parser().parse_known_args(arguments)
        family = known.root_task
        parser = self._build_parser(root_task=family, help_all=known.core_help_all)
        if known.core_help or known.core_help_all:
            parser.print_help()
            sys.exit()
        if not family:
            raise SystemExit("No task specified")
        Register.get_task_cls(family)  # a misspelt task is told before its parameters are
        self.known_args: Namespace = parser.parse_args(arguments)

    @staticmethod
    def _build_parser(root_task: str | None = None, help_all: bool = False) -> ArgumentParser:
        from argparse import SUPPRESS, ArgumentParser  # only command lines need it

        parser = ArgumentParser(add_help=False)
        parser.add_argument(
            "root_task", nargs="?", metavar="Required root task", help="Family of the task to run; must be given"
        )
        for family, without_family, name, parameter in Register.get_all_params():
            is_root = family == root_task
            text = parameter.description if is_root or help_all or parameter.always_in_help else SUPPRESS
            spelled = name if without_family else f"{family}_{name}"
            parser.add_argument("--" + spelled.replace("_", "-"), help=text, **parameter._parser_kwargs(name, family))
            if is_root:
                parser.add_argument("--" + name.replace("_", "-"), help=text, **parameter._parser_kwargs(name))
        return parser

    def get_task_obj(self) -> Any:
        """The task that is named."""
        return self._get_task_cls()(**self._get_task_kwargs())

    def _get_task_cls(self) -> Any:
        return Register.get_task_cls(self.known_args.root_task)

    def _get_task_kwargs(self) -> dict[str, Any]:
        """Values given without the family's name; an empty one counts as not given."""
        params = self._get_task_cls().get_params()
        texts = [getattr(self.known_args, name) for name, _ in params]
        return {name: parameter.parse(text) for (name, parameter), text in zip(params, texts) if text}

    def configured(self, family: str, name: str) -> Any:
        """What `--Family-name` says, or None."""
        return getattr(self.known_args, f"{family}_{name}", None) or None


def _accept_offers(arguments: Sequence[str]) -> None:
    """Imports what is offered and spoken of: it has flags too."""
    for family in list(Register._offers):
        flags = "--" + family.replace("_", "-")
        if any(word in (family, "--help-all") or word.startswith(flags) for word in arguments):
            Register.accept_offer(family)


__all__ = ["CmdlineParser"]
