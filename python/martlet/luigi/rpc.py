"""luigi.rpc: luigi's central scheduler over HTTP, of which Martlet has no need: every run has its engine."""

from __future__ import annotations

from .scheduler import Scheduler


class RPCError(Exception):
    """A central scheduler could not be asked."""

    def __init__(self, message: str, sub_exception: Exception | None = None) -> None:
        super().__init__(message)
        self.sub_exception = sub_exception


class RemoteScheduler(Scheduler):
    """Where luigi would ask a luigid at `url`. Tasks run here all the same; other runs are seen by their leases."""

    def __init__(self, url: str = "http://localhost:8082/", connect_timeout: float | None = None) -> None:
        super().__init__()
        self._url = url.rstrip("/")
        self._connect_timeout = connect_timeout


__all__ = ["RPCError", "RemoteScheduler"]
