"""A real Slurm on loopback: controller, accounting with its database, and one node, all as root, in namespaces of their
own that end with them, jobs too."""

from __future__ import annotations

import os
import secrets
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from storage.servers import service

_PROGRAMS = {
    "slurmctld": "slurmctld", "slurmd": "slurmd", "slurmdbd": "slurmdbd", "sbatch": "slurm-client", "munged": "munge",
    "mariadbd": "mariadb-server", "unshare": "util-linux",
}  # fmt: skip


@dataclass(frozen=True)
class Slurm:
    folder: Path
    controller: int
    accounting: int
    database: int
    node: int

    @property
    def environment(self) -> dict[str, str]:
        """What the commands need."""
        return {"SLURM_CONF": str(self.folder / "slurm.conf")}

    def run(self, *words: str, timeout: float = 60) -> str:
        """What a command of Slurm's prints."""
        done = subprocess.run(
            words, env={**os.environ, **self.environment}, cwd=self.folder, timeout=timeout, check=True,
            capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout

    def jobs(self, begin: str = "martlet-") -> list[str]:
        """`name.index` of all jobs ever submitted whose name begins so, by the accounts."""
        self.run("scontrol", "ping")
        told = self.run("sacct", "-nPX", "--starttime=1970-01-01", "--format=JobID,JobName%64")
        rows = [line.split("|") for line in told.splitlines()]
        return [f"{name}.{job.split('_')[1]}" for job, name in rows if name.startswith(begin)]

    def accounted(self) -> set[str]:
        """As `jobs`, when the accounts, which lag, have all that the controller knows; ten seconds at the most."""
        told = self.run("squeue", "-h", "--array", "--states=all", "--format=%j.%K").split()
        known = {name for name in told if name.startswith("martlet-")}
        deadline = time.monotonic() + 10
        while not known <= (found := set(self.jobs())) and time.monotonic() < deadline:
            time.sleep(0.2)  # between two looks
        return found


def why_not() -> str:
    """Why no Slurm can be had on this machine; empty if one can."""
    if os.geteuid() != 0:
        return "Slurm needs root (slurmd, namespaces)"
    lacks = service.missing(_PROGRAMS)
    return f"Slurm needs: {lacks}" if lacks else ""


@contextmanager
def serving(folder: Path, cores: int = 8, remembers: int = 300) -> Iterator[Slurm]:
    """Runs it until the block ends.

    `remembers`: seconds for which the controller knows jobs that have ended; then only the accounts do.
    """
    slurm = Slurm(folder, *(service.free_port() for _ in range(4)))
    for name in ("munge", "state", "spool", "log", "db", "run"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "munge").chmod(0o700)
    (folder / "munge" / "key").write_bytes(secrets.token_bytes(1024))
    (folder / "munge" / "key").chmod(0o600)
    (folder / "slurm.conf").write_text(_configuration(slurm, cores, remembers))
    (folder / "slurmdbd.conf").write_text(_accounting(slurm))
    (folder / "slurmdbd.conf").chmod(0o600)
    script = folder / "start.sh"
    script.write_text(_start(slurm))
    command = ["unshare", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child", "sh", str(script)]
    with service.running(command, slurm.controller, folder / "log" / "start.out", slurm.environment):
        _await(slurm)
        yield slurm


def _accounting(slurm: Slurm) -> str:
    return f"""\
AuthType=auth/munge
AuthInfo=socket={slurm.folder}/run/munge
DbdHost={_host()}
DbdAddr=127.0.0.1
DbdPort={slurm.accounting}
SlurmUser=root
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort={slurm.database}
StorageUser=slurm
StoragePass=x
StorageLoc=slurm_acct
PidFile={slurm.folder}/run/slurmdbd.pid
LogFile={slurm.folder}/log/slurmdbd.log
"""


def _host() -> str:
    return os.uname().nodename.split(".")[0]


def _configuration(slurm: Slurm, cores: int, remembers: int) -> str:
    where = slurm.folder
    return f"""\
ClusterName=tests
SlurmctldHost={_host()}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort={slurm.controller}
AuthType=auth/munge
AuthInfo=socket={where}/run/munge
CryptoType=crypto/munge
StateSaveLocation={where}/state
SlurmdSpoolDir={where}/spool
SlurmctldPidFile={where}/run/slurmctld.pid
SlurmdPidFile={where}/run/slurmd.pid
SlurmctldLogFile={where}/log/slurmctld.log
SlurmdLogFile={where}/log/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
JobAcctGatherParams=OverMemoryKill
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SlurmdParameters=config_overrides
PreemptType=preempt/partition_prio
PreemptMode=CANCEL
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=2,sched_min_interval=0,bf_interval=5,default_queue_depth=2000
MaxJobCount=100000
MaxArraySize=1001
MinJobAge={remembers}
KillWait=1
SlurmdTimeout=10
ReturnToService=2
MessageTimeout=20
RebootProgram=/bin/true
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePass={where}/run/munge
AccountingStoragePort={slurm.accounting}
JobCompType=jobcomp/none
NodeName=n1 NodeHostname={_host()} NodeAddr=127.0.0.1 Port={slurm.node} CPUs={cores} RealMemory=4000 State=UNKNOWN
PartitionName=DEFAULT DefMemPerCPU=400
PartitionName=short Nodes=n1 Default=YES MaxTime=60 DefaultTime=5 PriorityTier=5 PreemptMode=OFF State=UP
PartitionName=long Nodes=n1 MaxTime=INFINITE DefaultTime=60 PriorityTier=5 PreemptMode=OFF State=UP
PartitionName=leftover Nodes=n1 DefaultTime=5 PriorityTier=1 State=UP
PartitionName=urgent Nodes=n1 DefaultTime=5 PriorityTier=9 PreemptMode=OFF State=UP
"""


def _start(slurm: Slurm) -> str:
    """The shell script that starts all daemons, each once the one before answers; process 1 of its namespace."""
    where = slurm.folder
    users = ("slurm@'127.0.0.1'", "slurm@localhost")
    rights = [f"create user {user} identified by 'x'; grant all on slurm_acct.* to {user};" for user in users]
    sql = " ".join(["create database slurm_acct;", *rights])
    return f"""\
cd {where}
trap 'exit 0' TERM
await() {{
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 250 ] || {{ echo "no answer: $*"; exit 1; }}
        sleep 0.1
    done
}}
munged --key-file={where}/munge/key --socket={where}/run/munge --pid-file={where}/run/munge.pid \\
    --log-file={where}/log/munge --seed-file={where}/munge/seed --num-threads=4 --force
mariadb-install-db --no-defaults --user=root --datadir={where}/db --auth-root-authentication-method=normal \\
    --skip-test-db >log/mariadb-install 2>&1
mariadbd --no-defaults --user=root --datadir={where}/db --bind-address=127.0.0.1 --port={slurm.database} \\
    --socket={where}/run/sql --pid-file={where}/run/sql.pid --innodb-buffer-pool-size=128M \\
    --innodb-lock-wait-timeout=900 --innodb-flush-log-at-trx-commit=2 --skip-log-bin >log/mariadb 2>&1 &
await mariadb-admin --no-defaults -uroot -S {where}/run/sql ping
mariadb --no-defaults -uroot -S {where}/run/sql -e "{sql}"
slurmdbd -D >log/slurmdbd.out 2>&1 &
await timeout 5 sacctmgr -n show cluster
sacctmgr -i add cluster tests >/dev/null
slurmctld -D -i >log/slurmctld.out 2>&1 &
await scontrol ping
slurmd -D -N n1 >log/slurmd.out 2>&1 &
wait
"""


def _await(slurm: Slurm) -> None:
    """Until its node takes jobs."""
    deadline = time.monotonic() + service.PATIENCE
    answer = ""
    while time.monotonic() < deadline:
        try:
            answer = slurm.run("sinfo", "-h", "-N", "-p", "short", "-t", "idle")
        except subprocess.SubprocessError as error:
            answer = str(getattr(error, "stderr", error))
        else:
            if "n1" in answer:
                return
        time.sleep(0.1)  # between two looks
    raise RuntimeError(f"Slurm did not begin: {answer}; see {slurm.folder / 'log'}")
