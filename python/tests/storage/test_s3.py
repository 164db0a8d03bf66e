"""S3 over Ceph's gateway, which checks signatures. What every store must do is in `contract`."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from martlet import storage
from martlet.storage import Kind, StorageError, launching, value
from storage import s3_server
from storage.s3_server import S3Server
from storage.servers import marks

pytest.importorskip("boto3", reason="SKIPPED S3: boto3 is missing in this Python")

pytestmark = marks.needs(s3_server.PACKAGES, "S3")
PART = 5 << 20


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with tempfile.TemporaryDirectory(prefix="martlet-s3-") as folder, s3_server.s3_server(Path(folder)) as running:
        yield running


@pytest.fixture
def bucket(server: S3Server) -> Iterator[str]:
    """An empty bucket that `martlet.storage` knows."""
    name = server.make_bucket()
    know(server, name)
    yield name
    launching.end_couriers()
    launching.use_settings([])


def know(server: S3Server, bucket: str, **more: object) -> None:
    launching.end_couriers()
    launching.use_settings([{"name": "s3", "url": f"s3://{bucket}", **server.options, "part_size": PART, **more}])


def write(path: Path, size: int, seed: int = 1) -> bytes:
    content = random.Random(seed).randbytes(size)
    path.write_bytes(content)
    return content


NAMES = [
    "a b", "a+b", "a=b&c", "ä/日本", "e\u0301", "~tilde", "100%", "%41", "q?x=1#2", "it's (1)!*", "a//b", "😀",
    "$&,:;@",
]  # fmt: skip


def test_names_are_what_other_clients_see(server: S3Server, bucket: str, tmp_path: Path) -> None:
    content = write(tmp_path / "file", 10)
    stored = storage.store([(tmp_path / "file", f"s3://{bucket}/d/{name}") for name in NAMES])
    assert [value(status).size for status in stored] == [10] * len(NAMES)
    keys = [item["Key"] for item in server.client().list_objects_v2(Bucket=bucket)["Contents"]]
    assert sorted(keys) == sorted(f"d/{name}" for name in NAMES)
    found = storage.look([f"s3://{bucket}/d/{name}" for name in [*NAMES, "é", "a b+"]])
    assert found == [True] * len(NAMES) + [False] * 2
    for name in NAMES:
        assert storage.read(f"s3://{bucket}/d/{name}") == content
    assert storage.delete([f"s3://{bucket}/d/{name}" for name in NAMES]) == [None] * len(NAMES)
    assert "Contents" not in server.client().list_objects_v2(Bucket=bucket)


@pytest.mark.parametrize("name", ["../x", "a/./b", "a/../../x", "a\nb", "a\x7fb"])
def test_names_that_s3_cannot_hold_are_refused(bucket: str, name: str) -> None:
    (found,) = storage.look([f"s3://{bucket}/{name}"])
    assert isinstance(found, StorageError)
    assert found.kind is Kind.UNSUPPORTED


def test_who_has_another_secret_is_denied(server: S3Server, bucket: str) -> None:
    server.client().put_object(Bucket=bucket, Key="x", Body=b"x")
    know(server, bucket, profile="stranger")
    targets = [f"s3://{bucket}/{name}" for name in ("x", "absent")]
    for answer in (*storage.look(targets), *storage.list_directories([f"s3://{bucket}"]), *storage.delete(targets)):
        assert isinstance(answer, StorageError)
        assert answer.kind is Kind.DENIED
        assert "another" not in str(answer)
    with pytest.raises(StorageError) as refused:
        storage.put(b"x", targets[0])
    assert refused.value.kind is Kind.DENIED
    assert server.client().get_object(Bucket=bucket, Key="x")["Body"].read() == b"x"


def test_a_bucket_that_is_not_there_is_not_an_absent_file(server: S3Server, bucket: str) -> None:
    launching.use_settings([{"name": "s3", "url": "s3://no-such-bucket", **server.options}])
    (found,) = storage.look(["s3://no-such-bucket/x"])
    assert isinstance(found, StorageError)
    assert found.kind is Kind.UNSUPPORTED
    assert "NoSuchBucket" in str(found)


@pytest.mark.parametrize("size", [PART, PART + 1, 3 * PART - 7])
def test_large_files_go_in_parts(server: S3Server, bucket: str, tmp_path: Path, size: int) -> None:
    content = write(tmp_path / "large", size)
    told: list[tuple[int, int, int, int]] = []
    target = f"s3://{bucket}/deep/er/large"
    (status,) = storage.store([(tmp_path / "large", target)], lambda *progress: told.append(progress))
    assert value(status).size == size
    assert told[-1] == (size, size, 1, 1)
    there = server.client().get_object(Bucket=bucket, Key="deep/er/large")
    assert there["Body"].read() == content
    parts = -(-size // PART)
    assert ("-" in there["ETag"]) is (parts > 1)
    (fetched,) = storage.fetch([(target, tmp_path / "back")])
    assert value(fetched).size == size
    assert (tmp_path / "back").read_bytes() == content
    assert sorted(path.name for path in tmp_path.iterdir()) == ["back", "large"]
    assert server.uploads(bucket) == []


def test_objects_of_other_clients(server: S3Server, bucket: str, tmp_path: Path) -> None:
    from boto3.s3.transfer import TransferConfig

    content = write(tmp_path / "large", 3 * PART)
    config = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART)
    server.client().upload_file(str(tmp_path / "large"), bucket, "parts", Config=config)
    server.client().put_object(Bucket=bucket, Key="whole", Body=content[:100])
    server.client().put_object(Bucket=bucket, Key="marked/", Body=b"")
    for name, size in (("parts", 3 * PART), ("whole", 100)):
        assert value(storage.fetch([(f"s3://{bucket}/{name}", tmp_path / name)])[0]).size == size
        assert (tmp_path / name).read_bytes() == content[:size]
    names = ("parts", "whole", "marked", "no")
    parts, whole, directory, absent = storage.checksum([f"s3://{bucket}/{name}" for name in names])
    assert value(whole).digest == hashlib.md5(content[:100]).hexdigest()
    assert value(parts).algorithm == "md5-of-parts"
    assert isinstance(directory, StorageError) and directory.kind is Kind.UNSUPPORTED
    assert isinstance(absent, StorageError) and absent.kind is Kind.ABSENT
    assert value(storage.stat([f"s3://{bucket}/marked"])[0]).is_directory


def test_a_quota_that_is_used_up_is_full(server: S3Server, bucket: str, tmp_path: Path) -> None:
    write(tmp_path / "large", 3 * PART)
    write(tmp_path / "small", 10)
    server.limit(bucket, 1 << 20)
    large, small = storage.store([(tmp_path / name, f"s3://{bucket}/{name}") for name in ("large", "small")])
    assert isinstance(large, StorageError)
    assert large.kind is Kind.FULL
    assert value(small).size == 10
    assert storage.look([f"s3://{bucket}/large"]) == [False]
    assert server.uploads(bucket) == []


def test_thousands_of_files_are_one_listing(server: S3Server, bucket: str) -> None:
    client = server.client()
    for number in range(0, 2100, 2):
        client.put_object(Bucket=bucket, Key=f"d/{number:05d}", Body=b"")
    found = storage.look([f"s3://{bucket}/d/{number:05d}" for number in range(2100)], planning=7)
    assert found == [number % 2 == 0 for number in range(2100)]
    (entries,) = storage.list_directories([f"s3://{bucket}/d"])
    assert [entry.name for entry in value(entries)] == [f"{number:05d}" for number in range(0, 2100, 2)]


_UPLOAD = """
import json, sys
from martlet import storage
from martlet.storage import launching
launching.use_settings(json.load(sys.stdin))
print("began", flush=True)
storage.store([(sys.argv[1], sys.argv[2])], lambda *progress: print(*progress, flush=True))
"""


def test_what_a_killed_client_has_sent_is_nobody_s_file(server: S3Server, bucket: str, tmp_path: Path) -> None:
    write(tmp_path / "large", 20 * PART)
    client = subprocess.Popen(
        [sys.executable, "-c", _UPLOAD, str(tmp_path / "large"), f"s3://{bucket}/large"], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert client.stdin and client.stdout
    options = {**server.options, "part_size": PART, "parallel": 1}
    with client.stdin, client.stdout:
        json.dump([{"name": "s3", "url": f"s3://{bucket}", **options}], client.stdin)
        client.stdin.close()
        for line in client.stdout:
            if line.strip() != "began" and int(line.split()[0]) > PART:
                break
        os.killpg(client.pid, signal.SIGKILL)
        client.wait()
    assert storage.look([f"s3://{bucket}/large"]) == [False]
    assert server.uploads(bucket) == ["large"]
    assert value(storage.store([(tmp_path / "large", f"s3://{bucket}/large")])[0]).size == 20 * PART
