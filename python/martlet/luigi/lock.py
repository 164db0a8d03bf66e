"""luigi.lock: how many processes with one command line run at a time, counted in a file named after it."""

# Paths are text here, as in luigi.

from __future__ import annotations

import os
from pathlib import Path


def getpcmd(pid: int) -> str:
    """The command line of a process; a name made of its number if it cannot be read."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="surrogateescape").replace("\0", " ").rstrip()
    except OSError:
        return f"[PROCESS_WITH_PID={pid}]"


def get_info(pid_dir: str, my_pid: int | None = None) -> tuple[int, str, str]:
    """The number and the command line of a process (this one), and the file with those that have the same line."""
    from hashlib import md5  # slow to import, and only needed here

    pid = os.getpid() if my_pid is None else my_pid
    command = getpcmd(pid)
    digest = md5(command.encode("utf8", "surrogateescape"), usedforsecurity=False).hexdigest()
    return pid, command, os.path.join(pid_dir, f"{digest}.pid")


def acquire_for(pid_dir: str, num_available: int = 1, kill_signal: int | None = None) -> bool:
    """Whether this process may run: fewer than `num_available` others with its command line do.

    With `kill_signal` the others are sent it, and one of them may still be there.
    """
    pid, command, pid_file = get_info(pid_dir)
    try:
        os.mkdir(pid_dir)
        os.chmod(pid_dir, 0o700)
    except FileExistsError:
        pass
    others = {other for other in _read_pids_file(pid_file) if getpcmd(other) == command}
    if kill_signal is not None:
        for other in others:
            os.kill(other, kill_signal)
        print(f"Sent kill signal to Pids: {others}")
        num_available += 1
    if len(others) >= num_available:
        print(f"Pid(s) {others} already running")
        if kill_signal is not None:
            print("Note: another process that was started with --take-lock goes on; this one is probably not needed.")
        return False
    _write_pids_file(pid_file, others | {pid})
    return True


def _read_pids_file(pid_file: str) -> set[int]:
    try:
        lines = Path(pid_file).read_text().splitlines()
    except FileNotFoundError:
        return set()
    return {int(line) for line in lines if line.strip()}


def _write_pids_file(pid_file: str, pids: set[int]) -> None:
    """Writable by everyone, so that others with the same command line can add theirs."""
    path = Path(pid_file)
    path.write_text("".join(f"{pid}\n" for pid in pids))
    status = path.stat()
    if status.st_uid == os.getuid():
        path.chmod(status.st_mode | 0o777)


__all__ = ["acquire_for", "get_info", "getpcmd"]
