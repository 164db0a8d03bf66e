"""The processes that talk to stores: killed, hanging, forked away from, and started from wherever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import martlet
from martlet import storage
from martlet.storage import Kind, StorageError, launching
from running.processes import is_gone, wait_until_gone
from running.waiting import until

from .rude import Store

TESTS = Path(__file__).parents[1]


@pytest.fixture
def impatient() -> Iterator[None]:
    launching.be_patient(0.5)
    yield
    launching.be_patient(600)


def descriptors() -> list[str]:
    """What this process has open, but the folder that is read for it."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            found.append(os.readlink(f"/proc/self/fd/{name}"))
        except FileNotFoundError:
            continue
    return sorted(found)


def test_one_courier_for_all_that_a_thread_asks(rude: Store) -> None:
    for _ in range(5):
        storage.stat([f"{rude.url}/x"])
    assert len(set(rude.couriers())) == 1


def test_killed_over_a_request_it_is_replaced(rude: Store) -> None:
    rude.inject("die", "stat")
    assert storage.look([f"{rude.url}/x"]) == [False]
    assert len(set(rude.couriers())) == 2


@pytest.mark.parametrize("operation", ["delete", "commit"])
def test_what_may_have_been_done_is_not_asked_for_again(rude: Store, operation: str) -> None:
    temporary = storage.put(b"x", f"{rude.url}/x")
    rude.inject("die", operation)
    asked = {
        "delete": lambda: storage.delete([temporary]),
        "commit": lambda: storage.commit([(temporary, f"{rude.url}/x")]),
    }[operation]()
    assert isinstance(asked[0], StorageError) and asked[0].kind is Kind.TRANSIENT
    assert "SIGKILL" in asked[0].message
    assert [name for name, _ in rude.calls()].count(operation) == 1
    assert len(rude.files()) == 1


def test_killed_while_it_has_nothing_to_do_nobody_notices(rude: Store) -> None:
    storage.stat([f"{rude.url}/x"])
    courier = rude.couriers()[-1]
    os.kill(courier, signal.SIGKILL)
    wait_until_gone(courier)
    # until its last thread has ended the socket takes requests
    until(lambda: not Path(f"/proc/{courier}/task").exists() or len(os.listdir(f"/proc/{courier}/task")) <= 1)
    assert storage.delete([f"{rude.url}/x"])[0] == StorageError("absent", f"{rude.url}/x", "no such file")
    assert len(set(rude.couriers())) == 2


def test_one_that_dies_again_and_again_is_given_up(rude: Store) -> None:
    rude.inject("die", "stat", times=3)
    found = storage.look([f"{rude.url}/x"])
    assert isinstance(found[0], StorageError) and found[0].kind is Kind.TRANSIENT
    assert len(rude.calls()) == 2


@pytest.mark.usefixtures("impatient")
def test_a_hang_has_an_end(rude: Store) -> None:
    rude.inject("hang", "stat")
    found = storage.look([f"{rude.url}/x"])
    assert isinstance(found[0], StorageError) and found[0].kind is Kind.TRANSIENT
    assert "no answer" in found[0].message
    assert is_gone(rude.couriers()[0])
    assert storage.look([f"{rude.url}/x"]) == [False]


def test_threads_that_ask_at_once_have_couriers_of_their_own(rude: Store) -> None:
    rude.inject("hang", "stat", "/slow")
    found: list[bool | StorageError] = []
    waiting = threading.Thread(target=lambda: found.extend(storage.look([f"{rude.url}/slow"])))
    waiting.start()
    until(lambda: (rude.root / ".calls").exists() and rude.calls())
    assert storage.look([f"{rude.url}/x"]) == [False]
    slow, quick = rude.couriers()
    assert slow != quick
    os.kill(slow, signal.SIGKILL)
    waiting.join()
    assert found == [False]  # asked once more


def test_a_forked_process_has_couriers_of_its_own(rude: Store) -> None:
    storage.stat([f"{rude.url}/x"])
    ours = rude.couriers()[-1]
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            inherited = [link for link in descriptors() if "martlet-courier" in link]
            found = storage.look([f"{rude.url}/x"])
            code = 0 if found == [False] and not inherited else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    theirs = rude.couriers()[-1]
    assert theirs != ours and not is_gone(ours)
    wait_until_gone(theirs)
    storage.stat([f"{rude.url}/x"])
    assert rude.couriers()[-1] == ours


def test_fork_while_another_thread_waits_for_a_store(rude: Store) -> None:
    rude.inject("hang", "stat", "/slow")
    waiting = threading.Thread(target=lambda: storage.look([f"{rude.url}/slow"]))
    waiting.start()
    until(lambda: (rude.root / ".calls").exists() and rude.calls())
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = 0 if storage.look([f"{rude.url}/x"]) == [False] else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    os.kill(rude.couriers()[0], signal.SIGKILL)
    waiting.join()


def offspring() -> set[int]:
    """What this process has started and not waited for yet, zombies too."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue  # it has ended meanwhile
        if int(parent) == os.getpid():
            found.add(int(entry.name))
    return found


@pytest.mark.usefixtures("impatient")
def test_no_zombie_and_no_descriptor_is_left(rude: Store, tmp_path: Path) -> None:
    storage.stat([f"{rude.url}/x"])
    storage.end_couriers()
    before, others = descriptors(), offspring()
    (tmp_path / "a").write_bytes(b"x")
    for fault in ("die", "hang", "raise", "transient", "few"):
        rude.inject(fault, "stat")
        storage.stat([f"{rude.url}/x"])
        storage.store([(tmp_path / "a", f"{rude.url}/{fault}")])
        storage.fetch([(f"{rude.url}/{fault}", tmp_path / "b")])
    storage.end_couriers()
    assert descriptors() == before
    assert offspring() <= others
    assert all(is_gone(courier) for courier in rude.couriers())


# ---- programs that ask


def program(rude: Store, what: str, *flags: str, **options: object) -> subprocess.Popen[str]:
    package = str(Path(martlet.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": f"{package}:{TESTS}", **options.pop("environment", {})}  # type: ignore[dict-item]
    return subprocess.Popen(
        [sys.executable, *flags, "-m", "storage.asking", str(rude.root), rude.url, what],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
    )  # type: ignore[call-overload, no-any-return]  # fmt: skip


def asked(rude: Store) -> int:
    """The courier that was asked last, once one was."""
    until(lambda: (rude.root / ".calls").exists() and rude.calls())
    return rude.couriers()[-1]


@pytest.mark.parametrize("what", ["look", "fetch"])
def test_ctrl_c_ends_the_wait(rude: Store, what: str) -> None:
    storage.value(storage.commit([(storage.put(b"x", f"{rude.url}/x"), f"{rude.url}/x")])[0])
    storage.end_couriers()
    (rude.root / ".calls").unlink()
    rude.inject("hang", "stat" if what == "look" else "read")
    client = program(rude, what, start_new_session=True)
    courier = asked(rude)
    if what == "fetch":
        until(lambda: ("read", 1) in rude.calls())
    os.killpg(client.pid, signal.SIGINT)  # as a terminal does: the courier hears it too
    _, complaint = client.communicate(timeout=60)
    assert client.returncode == -signal.SIGINT and "KeyboardInterrupt" in complaint
    wait_until_gone(courier)
    assert rude.files() == ["x"]


def test_killed_with_its_client(rude: Store) -> None:
    rude.inject("hang", "stat")
    client = program(rude, "look")
    courier = asked(rude)
    assert os.getpgid(courier) == os.getpgid(client.pid)
    client.kill()
    client.communicate()
    wait_until_gone(courier)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP, signal.SIGTERM])
def test_deaf_to_what_asks_its_group_to_stop(rude: Store, number: int) -> None:
    storage.stat([f"{rude.url}/x"])
    os.kill(rude.couriers()[-1], number)
    for _ in range(3):
        assert storage.look([f"{rude.url}/x"]) == [False]
    assert len(set(rude.couriers())) == 1


def test_from_a_folder_that_was_left_with_relative_paths(rude: Store) -> None:
    package = Path(martlet.__file__).parents[1]
    client = program(
        rude, "elsewhere", cwd=package.parent, environment={"PYTHONPATH": f"{package.name}:{TESTS}"}
    )
    said, complaint = client.communicate(timeout=60)
    assert said == "[False]\n", complaint


def test_from_an_isolated_interpreter(rude: Store) -> None:
    package = str(Path(martlet.__file__).parents[1])
    code = (
        f"import sys; sys.path[:0] = [{package!r}, {str(TESTS)!r}]; from storage.asking import main;"
        f"main({str(rude.root)!r}, {rude.url!r}, 'look')"
    )
    client = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=60)
    assert client.stdout == "[False]\n", client.stderr


def test_what_is_in_the_folder_of_the_user_is_not_taken_for_python_s_own(rude: Store, tmp_path: Path) -> None:
    (tmp_path / "user").mkdir()
    (tmp_path / "user" / "signal.py").write_text("raise SystemExit('the wrong module')")
    script = tmp_path / "script.py"
    script.write_text("import sys; from storage.asking import main; main(*sys.argv[1:])")
    package = str(Path(martlet.__file__).parents[1])
    client = subprocess.run(
        [sys.executable, str(script), str(rude.root), rude.url, "look"],
        cwd=tmp_path / "user", env={**os.environ, "PYTHONPATH": f"{package}:{TESTS}"},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert client.stdout == "[False]\n", client.stderr
