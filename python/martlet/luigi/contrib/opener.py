"""luigi.contrib.opener: targets by URL, so that the configuration can say where something is.

`OpenerTarget("data.txt")` is a LocalTarget, `OpenerTarget("mock://data.txt")` a MockTarget and
`OpenerTarget("s3://bucket/data.txt")` an S3Target. What follows a question mark are arguments of the target.
"""

# The names are luigi's.

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from ..local_target import LocalTarget
from ..mock import MockTarget
from ..target import FileSystemException
from .s3 import S3Target


class OpenerError(FileSystemException):
    """A URL gives no target."""


class NoOpenerError(OpenerError):
    """No opener knows the scheme."""


class InvalidQuery(OpenerError):
    """An argument has a value that is none."""


class Opener:
    """Makes targets of one kind from URLs."""

    names: ClassVar[Iterable[str]]
    """The schemes it knows."""
    allowed_kwargs: ClassVar[Mapping[str, bool]] = {}
    """Arguments that may follow the question mark, and whether their values are JSON; no value means true."""
    filter_kwargs: ClassVar[bool] = True
    """Whether other arguments are left out."""

    @classmethod
    def conform_query(cls, query: str) -> dict[str, Any]:
        """The arguments in what follows the question mark; of several values the first counts."""
        arguments: dict[str, Any] = {}
        for name, values in parse_qs(query, keep_blank_values=True).items():
            if name in cls.allowed_kwargs or not cls.filter_kwargs:
                text = values[0] or "true"
                try:
                    arguments[name] = json.loads(text) if cls.allowed_kwargs.get(name) else text
                except ValueError as error:
                    raise InvalidQuery(f"{name}={text}: the value must be JSON, e.g. true ({error})") from None
        return arguments

    @classmethod
    def get_target(
        cls,
        scheme: str,
        path: str,
        fragment: str,
        username: str | None,
        password: str | None,
        hostname: str | None,
        port: int | None,
        query: dict[str, Any],
        **kwargs: Any,
    ) -> Any:
        """The target for the parts of a URL; `kwargs` win over `query`."""
        raise NotImplementedError(f"{cls.__name__} does not say what it opens: get_target()")


class MockOpener(Opener):
    """`mock://data.txt`: in memory."""

    names = ("mock",)
    allowed_kwargs: ClassVar[Mapping[str, bool]] = {"is_tmp": True, "mirror_on_stderr": True, "format": False}

    @classmethod
    def get_target(
        cls, scheme: str, path: str, fragment: str, username: Any, password: Any, hostname: Any, port: Any,
        query: dict[str, Any], **kwargs: Any,
    ) -> Any:  # fmt: skip
        return MockTarget((hostname or "") + path, **{**query, **kwargs})


class LocalOpener(Opener):
    """`data.txt`, `file://data.txt` (relative too) or `file:///data.txt`: on this machine."""

    names = ("file",)
    allowed_kwargs: ClassVar[Mapping[str, bool]] = {"is_tmp": True, "format": False}

    @classmethod
    def get_target(
        cls, scheme: str, path: str, fragment: str, username: Any, password: Any, hostname: Any, port: Any,
        query: dict[str, Any], **kwargs: Any,
    ) -> Any:  # fmt: skip
        return LocalTarget((hostname or "") + path, **{**query, **kwargs})


class S3Opener(Opener):
    """`s3://bucket/data.txt`; arguments are those of S3Target."""

    names = ("s3", "s3n")
    allowed_kwargs: ClassVar[Mapping[str, bool]] = {"format": False, "client": True}
    filter_kwargs = False

    @classmethod
    def get_target(
        cls, scheme: str, path: str, fragment: str, username: Any, password: Any, hostname: Any, port: Any,
        query: dict[str, Any], **kwargs: Any,
    ) -> Any:  # fmt: skip
        return S3Target(f"{scheme}://{hostname}{path}", **{**query, **kwargs})


class OpenerRegistry:
    """Openers by scheme."""

    def __init__(self, openers: Iterable[Any] = ()) -> None:
        self.default_opener = "file"
        self.registry: dict[str, Any] = {}
        for one in openers:
            self.add(one)

    def add(self, opener: Any) -> None:
        """Uses an opener for its schemes from now on."""
        for name in opener.names:
            self.registry[name] = opener

    def get_opener(self, name: str) -> Any:
        """The opener of a scheme."""
        if name not in self.registry:
            raise NoOpenerError(f"No opener for {name}: there are {', '.join(self.registry)}")
        return self.registry[name]

    def open(self, target_uri: str, **kwargs: Any) -> Any:
        """The target of a URL; `kwargs` are arguments of the target. Its URL is kept as `opener_path`."""
        parts = urlsplit(target_uri, scheme=self.default_opener)
        found = self.get_opener(parts.scheme)
        target = found.get_target(
            parts.scheme, parts.path, parts.fragment, parts.username, parts.password, parts.hostname, parts.port,
            found.conform_query(parts.query), **kwargs,
        )  # fmt: skip
        target.opener_path = target_uri
        return target


opener = OpenerRegistry([MockOpener, LocalOpener, S3Opener])
OpenerTarget = opener.open

__all__ = [
    "InvalidQuery",
    "LocalOpener",
    "MockOpener",
    "NoOpenerError",
    "Opener",
    "OpenerError",
    "OpenerRegistry",
    "OpenerTarget",
    "S3Opener",
    "opener",
]
