"""luigi.contrib.ssh: commands and files on other machines, through the program ssh.

Keys, an agent or ssh's own configuration must let it in without a question.
"""

# The names are luigi's.

from __future__ import annotations

import logging
import os
import posixpath
import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...formats import get_default_format
from ...formats.process import InputPipeProcessWrapper, OutputPipeProcessWrapper
from ..target import (
    FileAlreadyExists,
    FileSystem,
    FileSystemException,
    FileSystemTarget,
    MissingParentDirectory,
    NotADirectory,
)

_logger = logging.getLogger("luigi-interface")
_HOME = re.compile(r"~[\w.-]*(?=/|$)")
_CHUNK = 1 << 20
_READY = b"ready"


class RemoteCalledProcessError(subprocess.CalledProcessError):
    """A command on another machine, or the way there, ended with another code than 0 (ssh itself: 255)."""

    def __init__(self, returncode: int, command: Any, host: str, output: Any = None) -> None:
        super().__init__(returncode, command, output)
        self.host = host

    def __str__(self) -> str:
        return f"Command '{self.cmd}' on host {self.host} returned non-zero exit status {self.returncode}"


class RemoteContext:
    """Another machine, and how to get there."""

    def __init__(
        self,
        host: str,
        username: str | None = None,
        key_file: str | None = None,
        connect_timeout: int | None = None,
        port: int | str | None = None,
        no_host_key_check: bool = False,
        sshpass: bool = False,
        tty: bool = False,
    ) -> None:
        """
        :param connect_timeout: seconds.
        :param no_host_key_check: believes any machine to be the one meant.
        :param sshpass: has the program sshpass give the password that is in the variable SSHPASS.
        :param tty: gives commands a terminal.
        """
        self.host = host
        self.username = username
        self.key_file = key_file
        self.connect_timeout = connect_timeout
        self.port = port
        self.no_host_key_check = no_host_key_check
        self.sshpass = sshpass
        self.tty = tty

    def __repr__(self) -> str:
        values = (self.host, self.username, self.key_file, self.connect_timeout, self.port)
        return f"{type(self).__name__}({', '.join(map(repr, values))})"

    def __eq__(self, other: object) -> bool:
        return repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def _host_ref(self) -> str:
        return f"{self.username}@{self.host}" if self.username else self.host

    def _prepare_cmd(self, cmd: list[str]) -> list[str]:
        """The command here that carries out `cmd` there; ssh joins its words with blanks, for a shell to read."""
        words = ["sshpass", "-e"] if self.sshpass else []
        # a connection that is dead for three minutes is given up
        words += ["ssh", self._host_ref(), "-o", "ControlMaster=no", "-o", "ServerAliveInterval=60"]
        if not self.sshpass:
            words += ["-o", "BatchMode=yes"]
        if self.port:
            words += ["-p", str(self.port)]
        if self.connect_timeout is not None:
            words += ["-o", f"ConnectTimeout={self.connect_timeout}"]
        if self.no_host_key_check:
            words += ["-o", "UserKnownHostsFile=/dev/null", "-o", "StrictHostKeyChecking=no", "-o", "LogLevel=ERROR"]
        if self.key_file:
            words += ["-i", self.key_file]
        if self.tty:
            words.append("-t")
        return words + cmd

    def Popen(self, cmd: list[str], **kwargs: Any) -> Any:
        """Starts a command there, as subprocess.Popen does here."""
        return subprocess.Popen(self._prepare_cmd(cmd), **kwargs)

    def check_output(self, cmd: list[str]) -> bytes:
        """What a command there writes to its standard output; RemoteCalledProcessError if it fails."""
        process = self.Popen(cmd, stdout=subprocess.PIPE)
        output: bytes = process.communicate()[0]
        if process.returncode != 0:
            raise RemoteCalledProcessError(process.returncode, cmd, self.host, output)
        return output

    @contextmanager
    def tunnel(self, local_port: int, remote_port: int | None = None, remote_host: str = "localhost") -> Iterator[None]:
        """While this is entered, `local_port` here is `remote_port` (the same, if None) of `remote_host` seen there."""
        where = f"127.0.0.1:{local_port}:{remote_host}:{local_port if remote_port is None else remote_port}"
        # cat ends when its standard input is closed, and with it the tunnel
        options = ["-o", "ExitOnForwardFailure=yes", "-L", where]
        process = self.Popen([*options, "printf ready && cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            if process.stdout.read(len(_READY)) != _READY:
                raise RemoteCalledProcessError(process.wait(), ["-L", where], self.host)
            yield
        finally:
            process.communicate()
        if process.returncode != 0:
            raise RemoteCalledProcessError(process.returncode, ["-L", where], self.host)


def _quoted(path: str) -> str:
    """A path in a command of a shell: as it is, but for `~` and `~user` at its beginning."""
    home = _HOME.match(path)
    if home:
        rest = path[home.end() :]
        return home[0] + (shlex.quote(rest) if rest else "")
    return shlex.quote(path if not path.startswith("-") else f"./{path}")


def _script(text: str) -> list[str]:
    """A command that carries out a script of sh, whatever shell the user has there."""
    return ["sh", "-c", shlex.quote(text)]


def _temporary(path: str) -> str:
    return f"{path}-luigi-tmp-{int.from_bytes(os.urandom(8), 'little') % 10**10:010}"


class RemoteFileSystem(FileSystem):
    """The files of another machine."""

    def __init__(self, host: str, **kwargs: Any) -> None:
        """`kwargs`: as of RemoteContext."""
        self.remote_context = RemoteContext(host, **kwargs)

    def _call(self, text: str) -> bytes:
        return self.remote_context.check_output(_script(text))

    def _is(self, test: str, path: str) -> bool:
        """Whether a test there says yes. Only its own word counts: a connection that breaks is no no."""
        answer = self._call(f"if test {test} {_quoted(path)}; then echo martlet-yes; else echo martlet-no; fi")
        word = answer.strip().rpartition(b"\n")[2]
        if word not in (b"martlet-yes", b"martlet-no"):
            host = self.remote_context.host
            raise FileSystemException(f"{host} did not say whether {path} is there: it answered {answer[-80:]!r}")
        return word == b"martlet-yes"

    def exists(self, path: str) -> bool:
        return self._is("-e", path)

    def isdir(self, path: str) -> bool:
        return self._is("-d", path)

    def listdir(self, path: str) -> list[str]:  # type: ignore[override]
        """Paths of all files below a directory, at any depth."""
        bare = path.rstrip("/") or ("/" if path.startswith("/") else ".")
        listing = self._call(f"find -L {_quoted(bare)} -type f -print0")
        return [name.decode("utf-8", "surrogateescape") for name in listing.split(b"\0") if name]

    def remove(self, path: str, recursive: bool = True) -> None:
        self._call(f"rm {'-r ' if recursive else ''}{_quoted(path)}")

    def mkdir(self, path: str, parents: bool = True, raise_if_exists: bool = False) -> None:
        if self.exists(path):
            if raise_if_exists:
                raise FileAlreadyExists(f"Destination exists: {path}")
            if not self.isdir(path):
                raise NotADirectory(f"{path} is a file, not a directory")
            return
        parent = posixpath.dirname(path.rstrip("/"))
        if not parents and parent and not self.isdir(parent):
            raise MissingParentDirectory(f"the directory above {path} is missing")
        self._call(f"mkdir -p {_quoted(path)}")

    def move(self, path: str, dest: str) -> None:
        self._make_parent(dest)
        self._call(f"mv -f {_quoted(path)} {_quoted(dest)}")

    def copy(self, path: str, dest: str) -> None:
        self._make_parent(dest)
        self._call(f"cp -r {_quoted(path)} {_quoted(dest)}")

    def _make_parent(self, path: str) -> None:
        parent = posixpath.dirname(posixpath.normpath(path))
        if parent:
            self._call(f"mkdir -p {_quoted(parent)}")

    def _settle(self, temporary: str, path: str, size: int) -> None:
        """Gives a file that has arrived its name, if all of it has."""
        target, final = _quoted(temporary), _quoted(path)
        full = f'test "$(wc -c < {target})" -eq {size}'
        self._call(f"if {full}; then test ! -d {final} && mv -f {target} {final}; else rm -f {target}; exit 1; fi")

    def put(self, local_path: str, path: str) -> None:
        """Sends a file, or a directory with all that is in it."""
        self._make_parent(path)
        temporary = _temporary(path.rstrip("/"))
        if os.path.isdir(local_path):
            packed = subprocess.Popen(["tar", "-C", local_path, "-cf", "-", "."], stdout=subprocess.PIPE)
            self._send(f"mkdir {_quoted(temporary)} && tar -C {_quoted(temporary)} -xf -", packed.stdout)
            if packed.wait() != 0:
                raise subprocess.CalledProcessError(packed.returncode, packed.args)
            self._call(f"mv {_quoted(temporary)} {_quoted(path.rstrip('/'))}")
            return
        with open(local_path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            self._send(f"cat > {_quoted(temporary)}", file)
        self._settle(temporary, path, size)

    def _send(self, text: str, file: Any) -> None:
        process = self.remote_context.Popen(_script(text), stdin=file)
        if process.wait() != 0:
            raise RemoteCalledProcessError(process.returncode, text, self.remote_context.host)

    def get(self, path: str, local_path: str) -> None:
        """Fetches a file. It appears here when all of it has arrived."""
        parent = os.path.dirname(os.path.normpath(local_path))
        if parent:
            os.makedirs(parent, exist_ok=True)
        temporary = _temporary(local_path)
        source = _quoted(path)
        try:
            with open(temporary, "wb") as file:
                command = self.remote_context._prepare_cmd(_script(f"wc -c < {source} && cat {source}"))
                with InputPipeProcessWrapper(command) as remote:
                    size = remote.readline().strip()
                    while chunk := remote.read(_CHUNK):
                        file.write(chunk)
                arrived = file.tell()
            if size != str(arrived).encode():
                host = self.remote_context.host
                raise FileSystemException(f"of {path} on {host} {arrived} bytes arrived, and {size.decode()} were sent")
            os.replace(temporary, local_path)
        except BaseException:
            os.unlink(temporary)
            raise


class AtomicRemoteFileWriter(OutputPipeProcessWrapper):
    """A file on another machine, which has its name when all of it has arrived."""

    def __init__(self, fs: RemoteFileSystem, path: str) -> None:
        self.fs = fs
        self.path = path
        self.tmp_path = _temporary(path)
        self._size = 0
        fs._make_parent(path)
        super().__init__(fs.remote_context._prepare_cmd(_script(f"cat > {_quoted(self.tmp_path)}")))

    def write(self, data: Any, /) -> int:
        count = super().write(data)
        self._size += len(data)
        return count

    def close(self) -> None:
        if self.closed:
            return
        super().close()
        self.fs._settle(self.tmp_path, self.path, self._size)

    def _drop_output(self) -> None:
        try:
            self.fs._call(f"rm -f {_quoted(self.tmp_path)}")
        except (OSError, subprocess.CalledProcessError) as error:
            # what went wrong before matters more, and a file of this name counts for nothing
            _logger.warning("%s is left on %s: %s", self.tmp_path, self.fs.remote_context.host, error)


class RemoteTarget(FileSystemTarget):
    """A file on another machine."""

    def __init__(self, path: str, host: str, format: Any = None, **kwargs: Any) -> None:
        """`kwargs`: as of RemoteContext."""
        super().__init__(path)
        self.format = get_default_format() if format is None else format
        self._fs = RemoteFileSystem(host, **kwargs)

    @property
    def fs(self) -> RemoteFileSystem:
        return self._fs

    def open(self, mode: str = "r") -> Any:
        if mode == "w":
            return self.format.pipe_writer(AtomicRemoteFileWriter(self.fs, self.path))
        if mode == "r":
            command = self.fs.remote_context._prepare_cmd(_script(f"cat {_quoted(self.path)}"))
            return self.format.pipe_reader(InputPipeProcessWrapper(command))
        raise ValueError(f"mode must be 'r' or 'w' (got: {mode})")

    def put(self, local_path: str) -> None:
        """Sends a local file."""
        self.fs.put(local_path, self.path)

    def get(self, local_path: str) -> None:
        """Fetches it into a local file."""
        self.fs.get(self.path, local_path)


__all__ = [
    "AtomicRemoteFileWriter",
    "RemoteCalledProcessError",
    "RemoteContext",
    "RemoteFileSystem",
    "RemoteTarget",
]
