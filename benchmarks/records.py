"""What questions about the records cost: python -m benchmarks.records [TASKS [EXECUTIONS]]

An area of 40 families is made up, 50,000 tasks with three executions each unless it is said otherwise. Each command is
asked twice: without an index, which it then makes, and with it. CPU time is user and system of the process. Of three
rounds the cheapest counts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

_FAMILIES = 40
_BEGIN = 1_795_392_902_500_000_000
"""Nanoseconds since 1970-01-01 UTC."""
_ROUNDS = 3
_QUESTIONS = (
    "status",
    "status --depth 3",
    "status --pattern Selection3*",
    "history {task}",
    "explain {task}",
    "reports show {task}",
    "reports list --failed",
    "reports list",
    "estimate Selection1=1000 Selection2=500 --workers 8",
)


def main(arguments: list[str]) -> int:
    tasks = int(arguments[0]) if arguments else 50_000
    executions = int(arguments[1]) if len(arguments) > 1 else 3
    folder = Path(tempfile.mkdtemp(prefix="martlet-records-", dir="/var/tmp"))
    try:
        _make(folder / "state" / "reports", tasks, executions)
        print(f"{tasks} tasks, {executions} executions each\n")
        print(f"{'seconds':60}{'made anew: CPU, wall':>24}{'indexed: CPU, wall':>24}")
        for question in _QUESTIONS:
            words = question.format(task=_task(tasks // 2)).split()
            anew = min(_cost(words, folder, anew=True) for _ in range(_ROUNDS))
            indexed = min(_cost(words, folder, anew=False) for _ in range(_ROUNDS))
            print(f"martlet {question:52}" + "".join(f"{cpu:15.3f}{wall:9.3f}" for cpu, wall in (anew, indexed)))
        size = sum(file.stat().st_size for file in folder.glob("cache/**/*") if file.is_file())
        print(f"\nIndex: {size / 1e6:.1f} MB")
    finally:
        shutil.rmtree(folder)
    return 0


def _cost(words: list[str], folder: Path, *, anew: bool) -> tuple[float, float]:
    """CPU and wall-clock seconds of one command."""
    cache = folder / "cache"
    if anew:
        shutil.rmtree(cache, ignore_errors=True)
    before, begin = os.times(), time.perf_counter()
    subprocess.run(
        ["martlet", *words, "--state", str(folder / "state")],
        env={**os.environ, "XDG_CACHE_HOME": str(cache)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    wall, after = time.perf_counter() - begin, os.times()
    used = after.children_user - before.children_user + after.children_system - before.children_system
    return used, wall


def _make(folder: Path, tasks: int, executions: int) -> None:
    folder.mkdir(parents=True)
    table = _table()
    for round_ in range(executions):
        name = f"202611{round_ % 28 + 1:02}T001502Z-node{round_ % 3}-47{round_:02}-9f03ab{round_:02}"
        start = _BEGIN + round_ * 86_400 * 10**9
        head = (
            f'"martlet":"reports","version":1,"segment":"{name}","host":"node{round_ % 3}","user":"ana",'
            f'"pid":47,"started":{start},"code":{{}},"environment":{{}}'
        )
        with (folder / f"{name}.jsonl").open("wb") as file:
            for members in (head, *_records(tasks, round_, start)):
                body = b"{" + members.encode()
                file.write(body + b',"crc":"%08x"}\n' % _crc32c(body, table))


def _records(tasks: int, round_: int, start: int) -> Iterator[str]:
    for i in range(tasks):
        family, branch = f"Selection{i % _FAMILIES}", i // _FAMILIES
        state = '"done"' if (i * 7 + round_) % 997 else '"failed","cause":"ValueError: no events in the sample"'
        needs = f'"Selection{i % _FAMILIES - 1}_ttJets_{branch}_nominal_{i - 1:010x}"' if i % _FAMILIES else ""
        yield (
            f'"n":{i + 1},"task":"{_task(i)}","family":"{family}","params":{{"dataset":"ttJets","file":"{branch}",'
            f'"shift":"nominal"}},"outputs":[["out/{family}/ttJets_{branch}.root",48213,{start}]],"inputs":[{needs}],'
            f'"state":{state},"start":{start + i * 10**6},"wall":{0.3 + i % 7 / 10},"cpu":0.398,"rss":183204,'
            f'"worker":2,"log":["logs/worker-2.log",10240,512],"why":["outputAbsent"]'
        )


def _task(i: int) -> str:
    return f"Selection{i % _FAMILIES}_ttJets_{i // _FAMILIES}_nominal_{i:010x}"


def _table() -> list[int]:
    """Of CRC-32C (RFC 3720), byte by byte."""
    table = []
    for crc in range(256):
        for _ in range(8):
            crc = crc >> 1 ^ 0x82F63B78 if crc & 1 else crc >> 1
        table.append(crc)
    return table


def _crc32c(text: bytes, table: list[int]) -> int:
    crc = 0xFFFFFFFF
    for byte in text:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
