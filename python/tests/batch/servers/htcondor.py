"""A real HTCondor pool on loopback: schedd, negotiator, collector and one execute node, all as one plain user.

HTCondor is not in every release of Debian, so it comes from the one after: once a machine, into a folder of that
release's packages. The daemons and jobs have that folder as their root; there is a Python in it, which jobs find. The
commands run outside of it, with its libraries.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from storage.servers import service

RELEASE = "trixie"
CACHE = Path("/var/tmp/martlet-tests")
"""Where the release's packages are kept between runs of the tests; others may enter it."""
USER = "games"
"""Who the pool and its jobs run as: a plain user that every Debian has, with the same number."""
COMMANDS = ("condor_submit", "condor_q", "condor_history", "condor_rm", "condor_hold", "condor_release",
            "condor_vacate_job", "condor_qedit", "condor_status")  # fmt: skip
_PROGRAMS = {"mmdebstrap": "mmdebstrap", "unshare": "util-linux", "setpriv": "util-linux"}
_BUILDING = 600
"""Seconds within which the release's packages must be there."""


@dataclass(frozen=True)
class HTCondorPool:
    folder: Path
    port: int

    @property
    def environment(self) -> dict[str, str]:
        """What the commands need: a PATH that has them, and where the pool is."""
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        return {"PATH": path, "CONDOR_CONFIG": str(self.folder / "condor_config")}

    def run(self, *words: str, timeout: float = 60) -> str:
        """What a command of HTCondor's prints."""
        done = subprocess.run(
            words, env={**os.environ, **self.environment}, cwd=self.folder, timeout=timeout, check=True,
            capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout


def why_not() -> str:
    """Why no pool can be had on this machine; empty if one can."""
    if os.geteuid() != 0:
        return "HTCondor in a root of its own needs root (chroot, mount)"
    if lacks := service.missing(_PROGRAMS):
        return f"HTCondor needs: {lacks}"
    try:
        pwd.getpwnam(USER)
    except KeyError:
        return f"HTCondor needs a user {USER}"
    return "" if _root().exists() else _install()


def this_python() -> list[Path]:
    """What jobs have to see under the same paths to run in this Python's environment, as on clusters that share it."""
    program = Path(sys.executable)
    while program.is_symlink() and program.is_relative_to(sys.prefix):
        program = program.parent / program.readlink()
    return [program, Path(sysconfig.get_path("stdlib")), Path(sys.prefix)]


def as_user(words: Sequence[str | Path]) -> list[str]:
    """The command that runs `words` as who the pool is."""
    account = pwd.getpwnam(USER)
    ids = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    return ["setpriv", *ids, *map(str, words)] if os.geteuid() == 0 else [*map(str, words)]


@contextmanager
def serving(folder: Path, shared: Sequence[Path] = (), cores: int = 8) -> Iterator[HTCondorPool]:
    """Runs a pool until the block ends. Jobs see `folder` and what is `shared` under the same paths.

    `folder` must be one that others may enter, all the way from the root: pytest's temporary folders are not.
    """
    pool = HTCondorPool(folder, service.free_port())
    for name in ("log", "spool", "execute", "lock", "run", "bin"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        shutil.chown(folder / name, USER)
    (folder / "condor_config").write_text(_configuration(pool, cores))
    for command in COMMANDS:
        _wrap(command, folder / "bin" / command)
    master = as_user(["env", "HOME=/tmp", f"CONDOR_CONFIG={folder / 'condor_config'}", "condor_master", "-f"])
    script = folder / "start.sh"
    script.write_text(_start([folder, *shared], master))
    # with its namespaces all that it has started goes, and all that it has mounted
    command = ["unshare", "--mount", "--propagation=private", "--pid", "--fork", "--kill-child", "sh", str(script)]
    with service.running(command, pool.port, folder / "log" / "start.out"):
        _await(pool)
        yield pool


def _root() -> Path:
    return CACHE / f"htcondor-{RELEASE}"


def _install() -> str:
    """Fetches HTCondor's packages of the release that has it; says why that was not possible."""
    CACHE.mkdir(parents=True, exist_ok=True)
    CACHE.chmod(0o755)
    with open(CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _root().exists():
            return ""
        part, log = CACHE / f"htcondor-{RELEASE}.part", CACHE / "mmdebstrap.log"
        shutil.rmtree(part, ignore_errors=True)
        words = ["mmdebstrap", "--variant=minbase", "--mode=root", "--include=htcondor,python3", RELEASE, str(part)]
        try:
            with open(log, "wb") as output:
                subprocess.run([*words, *_mirror()], stdout=output, stderr=output, check=True, timeout=_BUILDING)
        except (subprocess.SubprocessError, OSError) as error:
            shutil.rmtree(part, ignore_errors=True)
            return f"HTCondor of Debian {RELEASE} could not be fetched ({log}): {error}"
        part.rename(_root())
        return ""


def _mirror() -> list[str]:
    """The mirror that this machine has its packages from; mmdebstrap's own choice if that is not Debian's."""
    asked = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Origin: Debian"]
    found = subprocess.run(asked, capture_output=True, text=True, timeout=60).stdout.split()
    return [one for one in found if "security" not in one][:1]


def _configuration(pool: HTCondorPool, cores: int) -> str:
    where = pool.folder
    return f"""\
CONDOR_HOST = 127.0.0.1
COLLECTOR_HOST = 127.0.0.1:{pool.port}
NETWORK_INTERFACE = 127.0.0.1
FULL_HOSTNAME = localhost
USE_SHARED_PORT = True
SHARED_PORT_PORT = {pool.port}
DAEMON_LIST = MASTER SHARED_PORT COLLECTOR NEGOTIATOR SCHEDD STARTD
LOCAL_DIR = {where}
LOG = {where}/log
SPOOL = {where}/spool
EXECUTE = {where}/execute
LOCK = {where}/lock
RUN = {where}/run
DAEMON_SOCKET_DIR = {where}/lock
SEC_TOKEN_SYSTEM_DIRECTORY = {where}/lock
BIN = /usr/bin
SBIN = /usr/sbin
LIBEXEC = /usr/libexec/condor
UID_DOMAIN = example.org
FILESYSTEM_DOMAIN = example.org
TRUST_UID_DOMAIN = True
NUM_CPUS = {cores}
MEMORY = 8000
use FEATURE : PartitionableSlot
SEC_DEFAULT_AUTHENTICATION = REQUIRED
SEC_DEFAULT_AUTHENTICATION_METHODS = FS
SEC_DEFAULT_ENCRYPTION = OPTIONAL
ALLOW_DAEMON = *
ALLOW_ADMINISTRATOR = *
ALLOW_READ = *
ALLOW_WRITE = *
ALLOW_NEGOTIATOR = *
START = True
SUSPEND = False
PREEMPT = False
KILL = False
use POLICY : HOLD_IF_MEMORY_EXCEEDED
STARTER_UPDATE_INTERVAL = 2
STARTER_INITIAL_UPDATE_INTERVAL = 2
RUNBENCHMARKS = False
NEGOTIATOR_INTERVAL = 2
NEGOTIATOR_MIN_INTERVAL = 1
NEGOTIATOR_CYCLE_DELAY = 1
SCHEDD_INTERVAL = 2
UPDATE_INTERVAL = 5
MOUNT_UNDER_SCRATCH =
PERIODIC_EXPR_INTERVAL = 2
MAX_PERIODIC_EXPR_INTERVAL = 5
JOB_START_COUNT = 50
JOB_START_DELAY = 0
JOB_STOP_COUNT = 50
"""


def _wrap(command: str, path: Path) -> None:
    """A command of the other release as a program of this one, run as the pool's user."""
    root = _root()
    loader = root / "lib64/ld-linux-x86-64.so.2"
    words = [loader, "--library-path", f"{root}/usr/lib/x86_64-linux-gnu:{root}/usr/lib", root / "usr/bin" / command]
    if os.geteuid() == 0:  # who is that user already may not become it
        plain, changed = " ".join(map(str, words)), " ".join(as_user(words))
        text = f'#!/bin/sh\n[ "$(id -u)" = 0 ] || exec {plain} "$@"\nexec {changed} "$@"\n'
    else:
        text = f'#!/bin/sh\nexec {" ".join(map(str, words))} "$@"\n'
    path.write_text(text)
    path.chmod(0o755)


def _start(shared: Sequence[Path], master: Sequence[str]) -> str:
    """The shell script that mounts what the pool sees and starts it; process 1 of its namespace."""
    root = _root()
    lines = [
        "set -e",
        "trap 'exit 0' TERM",
        # a starter gives each job mounts of its own, which takes a root that is a mount point
        f"mount --bind {root} {root}",
        f"mount -t proc proc {root}/proc",
        f"mount --rbind /dev {root}/dev",
        f"mount --bind /tmp {root}/tmp",
        f"mount --bind /etc/hosts {root}/etc/hosts",
    ]
    for path in shared:
        made = f"mkdir -p {root}{path}" if path.is_dir() else f"touch {root}{path}"
        lines += [made, f"mount --bind {path} {root}{path}"]
    lines += [f"chroot {root} {' '.join(master)} &", "wait"]
    return "".join(f"{line}\n" for line in lines)


def _await(pool: HTCondorPool) -> None:
    """Until there is a node that takes jobs, and someone to submit them to."""
    deadline = time.monotonic() + service.PATIENCE
    answer = ""
    while time.monotonic() < deadline:
        try:
            answer = pool.run("condor_status", "-af", "Name")
            pool.run("condor_q", "-totals")
        except subprocess.SubprocessError as error:
            answer = str(getattr(error, "stderr", error))
        else:
            if answer.strip():
                return
        time.sleep(0.2)  # between two looks
    raise RuntimeError(f"the HTCondor pool did not begin: {answer}; see {pool.folder / 'log'}")
