"""luigi.server: there is no central scheduler here, and none is needed."""

from __future__ import annotations

from typing import Any, NoReturn


def run(api_port: Any = 8082, address: Any = None, unix_socket: Any = None) -> NoReturn:
    """Says so, and exits."""
    raise SystemExit(
        "martlet: there is no luigid: every run has its engine, and runs on one state directory keep apart by leases; "
        "set MARTLET_LUIGI=real to start the luigid of an installed luigi"
    )
