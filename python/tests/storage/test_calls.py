"""What stores are asked, and what they answer: local files, and a back end in another process."""

from __future__ import annotations

import errno
import pickle
from pathlib import Path

import pytest

from martlet import storage
from martlet.running.causes import kind_of
from martlet.running.hints import hint
from martlet.running.outcome import Kind as Cause
from martlet.storage import Kind, StorageError

from .rude import Store


@pytest.fixture(params=["path", "file", "rude"])
def root(request: pytest.FixtureRequest, rude: Store, tmp_path: Path) -> str:
    (tmp_path / "local").mkdir()
    return {"path": f"{tmp_path}/local", "file": f"file://{tmp_path}/local", "rude": rude.url}[request.param]


def make(url: str, content: bytes = b"x") -> None:
    temporary = storage.put(content, url)
    assert storage.commit([(temporary, url)]) == [None]


def test_a_file_from_its_beginning_to_its_end(root: str) -> None:
    assert storage.mkdir([f"{root}/a/b", f"{root}/a"]) == [None, None]
    file, other = f"{root}/a/file", f"{root}/a/other"
    temporary = storage.put(b"0123456789", file)
    assert storage.look([file, temporary]) == [False, True]
    assert storage.commit([(temporary, file)]) == [None]
    answers = storage.stat([file, other, f"{root}/a"])
    assert [isinstance(answer, storage.FileStatus) for answer in answers] == [True, False, True]
    status = storage.value(answers[0])
    assert status.size == 10 and status.modified > 1e18 and not status.is_directory
    assert storage.value(answers[2]).is_directory
    assert isinstance(answers[1], StorageError) and answers[1].kind == "absent"
    assert storage.look([file, other, file]) == [True, False, True]
    assert storage.read(file) == b"0123456789"
    assert storage.read(file, 3, 4) == b"3456" and storage.read(file, 8, 9) == b"89" and storage.read(file, 99) == b""
    assert storage.checksum([file]) == [storage.Checksum("adler32", "0aff020e")]
    names = [(entry.name, entry.is_directory) for entry in storage.value(storage.list_directories([f"{root}/a"])[0])]
    assert names == [("b", True), ("file", False)]
    assert storage.delete([file]) == [None]
    assert storage.look([file]) == [False]


def test_many_files_there_and_back(root: str, tmp_path: Path) -> None:
    contents = {f"{number}": bytes([number]) * number * 100 for number in range(5)}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    told: list[tuple[int, ...]] = []
    stored = storage.store(
        [(tmp_path / name, f"{root}/deep/{name}") for name in contents], lambda *numbers: told.append(numbers)
    )
    assert [storage.value(status).size for status in stored] == [len(content) for content in contents.values()]
    assert told[-1] == (1000, 1000, 5, 5)
    fetched = storage.fetch(
        [(f"{root}/deep/{name}", tmp_path / f"{name}.back") for name in [*contents, "none"]],
        lambda *numbers: told.append(numbers),
    )
    assert isinstance(fetched[-1], StorageError) and fetched[-1].kind is Kind.ABSENT
    assert told[-1][2:] == (6, 6)
    for name, content in contents.items():
        assert (tmp_path / f"{name}.back").read_bytes() == content
    assert not (tmp_path / "none.back").exists()
    assert list(tmp_path.glob(".*.tmp")) == []


def test_stores_of_all_kinds_in_one_call(rude: Store, tmp_path: Path) -> None:
    (tmp_path / "here").touch()
    make(f"{rude.url}/there")
    targets = [f"{rude.url}/no", f"{tmp_path}/here", "moon://base/x", f"{rude.url}/there", f"{tmp_path}/no"]
    found = storage.look(targets)
    assert found[:2] == [False, True] and found[3:] == [True, False]
    assert isinstance(found[2], StorageError) and found[2].kind is Kind.UNSUPPORTED
    assert str(found[2]) == "moon://base/x: the store cannot do that: no store is known for moon://"
    assert storage.look([]) == [] and storage.fetch([]) == []


def test_one_question_a_batch(rude: Store) -> None:
    assert storage.look([f"{rude.url}/{number}" for number in range(1000)]) == [False] * 1000
    assert rude.calls() == [("stat", 1000)]


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.ABSENT])
def test_unreachable_is_not_absent(rude: Store, kind: Kind) -> None:
    rude.inject(kind.value, "stat", "/a")
    found = storage.look([f"{rude.url}/a", f"{rude.url}/b"])
    assert isinstance(found[0], StorageError) and found[0].kind is kind and found[1] is False


@pytest.mark.parametrize("fault", ["raise", "few"])
def test_what_a_back_end_does_by_mistake_says_nothing_of_the_store(rude: Store, fault: str) -> None:
    rude.inject(fault, "stat")
    found = storage.look([f"{rude.url}/a"])
    assert isinstance(found[0], StorageError) and found[0].kind is Kind.UNSUPPORTED
    assert "mistake in the back end" in str(found[0]) or "0 answers to 1 questions" in str(found[0])


def test_what_came_or_arrived_otherwise_is_not_kept(rude: Store, tmp_path: Path) -> None:
    make(f"{rude.url}/a", b"123")
    rude.inject("lie", "stat", "/a")
    fetched = storage.fetch([(f"{rude.url}/a", tmp_path / "a")])
    assert isinstance(fetched[0], StorageError) and fetched[0].kind is Kind.CORRUPT
    assert not (tmp_path / "a").exists()
    (tmp_path / "b").write_bytes(b"123")
    rude.inject("lie", "stat", ".tmp-")
    stored = storage.store([(tmp_path / "b", f"{rude.url}/b")])
    assert isinstance(stored[0], StorageError) and stored[0].kind is Kind.CORRUPT
    assert rude.files() == ["a"]


def test_names_that_cannot_be_asked_for(rude: Store) -> None:
    with pytest.raises(ValueError, match="NUL"):
        storage.stat(["a\0b"])
    with pytest.raises(StorageError, match="no UTF-8") as raised:
        storage.stat([f"{rude.url}/\udcff"])
    assert raised.value.kind is Kind.UNSUPPORTED


def test_a_listener_that_raises_ends_the_call(root: str, tmp_path: Path) -> None:
    (tmp_path / "a").touch()

    def interrupt(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        storage.store([(tmp_path / "a", f"{root}/a")], interrupt)


def test_a_copy_of_a_local_file_ends_with_an_interrupt(rude: Store, tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(5 << 20))
    told: list[int] = []

    def interrupt(done: int, *_: int) -> None:
        told.append(done)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        storage.fetch([(tmp_path / "large", tmp_path / "copy")], interrupt)
    assert told == [1 << 20]
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["large"]


def test_no_credentials_in_errors(rude: Store) -> None:
    target = f"{rude.url.replace('://', '://doe:pass@')}/x?authz=abc"
    error = storage.stat([target])[0]
    assert isinstance(error, StorageError)
    for text in (str(error), repr(error), error.subject, error.message, str(error.filename), str(error.args)):
        assert "pass" not in text and "abc" not in text
    assert "doe@" in error.subject


def test_an_error_is_one_of_the_operating_system() -> None:
    error = StorageError("full", "s3://bucket/x", "quota of 5 TB exceeded")
    assert isinstance(error, OSError) and error.errno == errno.ENOSPC
    assert str(error) == "s3://bucket/x: no space is left: quota of 5 TB exceeded"
    copy = pickle.loads(pickle.dumps(error))
    assert copy == error and copy.message == error.message and isinstance(copy, StorageError)
    assert "quota" in hint(error) and "s3://bucket/x" in hint(error)


def test_which_failures_are_trouble_with_storage() -> None:
    causes = {kind: kind_of(StorageError(kind, "s3://b/x")) for kind in Kind}
    assert causes.pop(Kind.TRANSIENT) is Cause.STORAGE_TROUBLE
    assert set(causes.values()) == {Cause.RAISED}


def test_a_user_s_back_end_that_cannot_be_imported(rude: Store) -> None:
    error = storage.stat(["absurd://x/y"])[0]
    assert isinstance(error, StorageError) and error.kind is Kind.UNSUPPORTED
    assert "NoSuchClass" in str(error) and "mend the package" in str(error)
