"""S3 as moto has it: a server on loopback, so that forked processes see the same."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("boto3", reason="SKIPPED luigi.contrib.s3: boto3 is missing in this Python")
server = pytest.importorskip("moto.server", reason="SKIPPED luigi.contrib.s3: moto's server is missing in this Python")

from botocore.exceptions import ClientError, EndpointConnectionError, IncompleteReadError  # noqa: E402

import martlet  # noqa: E402
import martlet.luigi as luigi  # noqa: E402
from martlet.luigi import configuration  # noqa: E402
from martlet.luigi import format as formats  # noqa: E402
from martlet.luigi.contrib import s3  # noqa: E402
from martlet.luigi.contrib.opener import InvalidQuery, NoOpenerError, OpenerTarget  # noqa: E402
from martlet.luigi.mock import MockTarget  # noqa: E402
from martlet.luigi.target import FileAlreadyExists, MissingParentDirectory  # noqa: E402


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture(autouse=True)
def settings(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """luigi's configuration leads to the server; there is an empty bucket."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    parser = configuration.LuigiConfigParser()
    options = {"aws_access_key_id": "key", "aws_secret_access_key": "very secret", "endpoint_url": endpoint}
    for name, value in options.items():
        parser.set("s3", name, value)
    monkeypatch.setattr(configuration.LuigiConfigParser, "_instance", parser)
    resource = s3.S3Client().s3
    bucket = resource.Bucket("bucket")
    if bucket.creation_date is None:
        bucket.create()
    bucket.objects.all().delete()


@pytest.fixture
def files() -> s3.S3Client:
    return s3.S3Client()


def test_files_appear_when_they_are_complete() -> None:
    for path, chain in (("a", formats.Text), ("what?x=1#2", formats.UTF8 >> formats.Gzip), ("d/é ü", formats.UTF8)):
        target = s3.S3Target(f"s3://bucket/{path}", format=chain)
        with target.open("w") as file:
            file.write("é\n" * 1000)
            assert not target.exists()
        assert target.exists()
        with target.open() as file:
            assert list(file) == ["é\n"] * 1000
        target.remove()
        assert not target.exists()


def test_what_is_dropped_is_not_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    target = s3.S3Target("s3://bucket/a")
    file = target.open("w")
    file.write("x")
    with pytest.raises(KeyError), file:
        raise KeyError
    del file
    forgotten = target.open("w")
    forgotten.write("x")
    del forgotten
    assert not target.exists()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(s3.FileNotFoundException):
        target.open()
    with pytest.raises(ValueError, match="mode"):
        target.open("a")


def test_large_files_are_sent_in_parts(files: s3.S3Client, tmp_path: Path) -> None:
    content = os.urandom(1 << 20) * 12
    (tmp_path / "large").write_bytes(content)
    files.put_multipart(str(tmp_path / "large"), "s3://bucket/large", part_size=5 << 20)
    assert files.get_as_bytes("s3://bucket/large") == content
    assert "-" in files.get_key("s3://bucket/large").e_tag  # the mark of parts
    files.get("s3://bucket/large", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == content
    files.put_string("é", "s3://bucket/small")
    assert files.get_as_string("s3://bucket/small") == "é"


def test_directories(files: s3.S3Client) -> None:
    assert files.isdir("s3://bucket")
    assert files.exists("s3://bucket/")
    for path in ("d/a", "d/e/b", "dd", "marked_$folder$"):
        files.put_string("12345", f"s3://bucket/{path}")
    paths = ("d", "d/e/", "marked", "dd", "x")
    assert [files.isdir(f"s3://bucket/{path}") for path in paths] == [True] * 3 + [False] * 2
    assert list(files.listdir("s3://bucket/d")) == ["s3://bucket/d/a", "s3://bucket/d/e/b"]
    assert list(files.list("s3://bucket/d/")) == ["a", "e/b"]
    assert [item.key for item in files.list("s3://bucket/d", return_key=True)] == ["d/a", "d/e/b"]
    now = datetime.now(timezone.utc)
    assert list(files.listdir("s3://bucket/d", start_time=now + timedelta(hours=1))) == []
    assert len(list(files.listdir("s3://bucket/d", now - timedelta(hours=1), now + timedelta(hours=1)))) == 2
    files.mkdir("s3://bucket/new")
    assert files.isdir("s3://bucket/new")
    with pytest.raises(FileAlreadyExists):
        files.mkdir("s3://bucket/new", raise_if_exists=True)
    with pytest.raises(MissingParentDirectory):
        files.mkdir("s3://bucket/no/where", parents=False)
    files.mkdir("s3://bucket/new/deep", parents=False)


def test_removing(files: s3.S3Client) -> None:
    for path in ("d/a", "d/b", "d_$folder$", "dd"):
        files.put_string("", f"s3://bucket/{path}")
    with pytest.raises(s3.InvalidDeleteException):
        files.remove("s3://bucket/")
    with pytest.raises(s3.InvalidDeleteException):
        files.remove("s3://bucket/d", recursive=False)
    assert files.remove("s3://bucket/d")
    assert not files.remove("s3://bucket/d")
    assert list(files.list("s3://bucket")) == ["dd"]


def test_copying_and_moving(files: s3.S3Client) -> None:
    for path in ("d/a", "d/e/b"):
        files.put_string("12345", f"s3://bucket/{path}")
    assert files.copy("s3://bucket/d", "s3://bucket/to", threads=1) == (2, 10)
    assert files.copy("s3://bucket/d/a", "s3://bucket/one") == (1, 5)
    files.move("s3://bucket/d", "s3://bucket/moved")
    assert sorted(files.list("s3://bucket")) == ["moved/a", "moved/e/b", "one", "to/a", "to/e/b"]
    with pytest.raises(ClientError):
        files.copy("s3://bucket/nowhere", "s3://bucket/x")
    with s3.S3Target("s3://bucket/temporary").temporary_path() as path:
        files.put_string("x", path)
    assert files.exists("s3://bucket/temporary")


def test_what_cannot_be_looked_at_is_not_absent(files: s3.S3Client) -> None:
    with pytest.raises(ClientError, match="NoSuchBucket"):
        files.exists("s3://no-such-bucket/a")
    from botocore.config import Config

    nowhere = s3.S3Client(endpoint_url="http://127.0.0.1:1", config=Config(retries={"max_attempts": 0}))
    with pytest.raises(EndpointConnectionError):
        s3.S3Target("s3://bucket/a", client=nowhere).exists()


def test_an_object_that_comes_short_is_an_error() -> None:
    class Body:
        content = b"half"

        def read(self, size: int) -> bytes:
            if not self.content:
                raise IncompleteReadError(actual_bytes=4, expected_bytes=8)
            self.content, data = b"", self.content
            return data

        def close(self) -> None:
            pass

    class Key:
        def get(self) -> dict[str, Any]:
            return {"Body": Body()}

    with pytest.raises(IncompleteReadError):
        s3.ReadableS3File(Key()).read()


def test_flags(files: s3.S3Client) -> None:
    for task in (s3.S3FlagTask(path="s3://bucket/d/"), s3.S3FlagTask(path="s3://bucket/d/", flag="_DONE")):
        assert not task.complete()
        files.put_string("", f"s3://bucket/d/{task.flag}")
        assert task.complete()
    with pytest.warns(DeprecationWarning, match="S3FlagTarget"):
        assert s3.S3EmrTask(path="s3://bucket/d/").complete()
    with pytest.raises(ValueError, match="slash"):
        s3.S3FlagTarget("s3://bucket/d")
    assert not s3.S3PathTask(path="s3://bucket/x").complete()


def test_arguments_of_boto_2_are_named(files: s3.S3Client, tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(s3.DeprecatedBotoClientException, match="ServerSideEncryption"):
        files.put(str(tmp_path / "a"), "s3://bucket/a", encrypt_key=True)
    with pytest.raises(s3.DeprecatedBotoClientException):
        _ = s3.S3Client(host="far").s3


def test_a_client_is_sent_without_its_connection(files: s3.S3Client) -> None:
    assert files.exists("s3://bucket")
    again = pickle.loads(pickle.dumps(files))
    assert again.exists("s3://bucket")


def test_a_forked_process_connects_anew(files: s3.S3Client) -> None:
    resource = files.s3
    assert files.s3 is resource
    pid = os.fork()
    if pid == 0:
        os._exit(0 if files.s3 is not resource and files.exists("s3://bucket") else 1)
    assert os.waitpid(pid, 0)[1] == 0
    files.s3 = resource  # what somebody sets stays
    assert files.s3 is resource


CLIENT: list[s3.S3Client] = []


class Made(luigi.Task):
    n = luigi.IntParameter()

    def requires(self) -> list[Made]:
        return [Made(n=n) for n in range(1, 5)] if self.n == 0 else []

    def output(self) -> s3.S3Target:
        return s3.S3Target(f"s3://bucket/made/{self.n}", client=CLIENT[0])

    def run(self) -> None:
        with self.output().open("w") as file:
            file.write("".join(target.open().read() for target in self.input()) or str(self.n))


@pytest.mark.parametrize("workers", [1, 3])
def test_workers_share_no_connection(workers: int, files: s3.S3Client, tmp_path: Path) -> None:
    """One client that was used before the workers were forked."""
    CLIENT[:] = [files]
    assert martlet.build(Made(n=0), workers=workers, state=tmp_path / "state", quiet=True)
    assert Made(n=0).output().open().read() == "1234"


def test_targets_by_url() -> None:
    with OpenerTarget("s3://bucket/opened").open("w") as file:
        file.write("x")
    assert OpenerTarget("s3://bucket/opened").opener_path == "s3://bucket/opened"
    assert OpenerTarget("s3://bucket/opened").exists()
    assert OpenerTarget("mock://b/c?mirror_on_stderr")._mirror_on_stderr is True
    assert isinstance(OpenerTarget("mock://b/c", format=formats.Nop), MockTarget)
    assert OpenerTarget("file:///a/b?is_tmp=false&other=1").path == "/a/b"
    assert OpenerTarget("relative/b").path == "relative/b"
    with pytest.raises(NoOpenerError, match="there are mock, file, s3"):
        OpenerTarget("ftp://a/b")
    with pytest.raises(InvalidQuery, match="is_tmp=maybe"):
        OpenerTarget("a?is_tmp=maybe")
