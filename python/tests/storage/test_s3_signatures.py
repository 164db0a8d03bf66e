"""What goes over the line to S3, signed anew by botocore: many requests with names of all kinds."""

from __future__ import annotations

import hashlib
import random
import threading
from base64 import b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest

from martlet import storage
from martlet.storage import launching

pytest.importorskip("botocore", reason="SKIPPED signatures of S3: botocore is missing in this Python")

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

pytestmark = pytest.mark.e2e

ACCESS, SECRET, TOKEN = "AKIDRANDOM", "s3cret/+=of~all kinds", "session/token=="
LETTERS = "abcXYZ019 -_.~!*'();:@&=+$,/?#[]%\"<>\\^`{|}äéß日本😀\u0301"


class Checker(ThreadingHTTPServer):
    """Knows no object; signs every request again."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.checked = 0
        self.wrong: list[str] = []
        self.paths: set[str] = set()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Checker

    def log_message(self, format: str, *arguments: object) -> None:
        pass

    def check(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        names = self.headers["Authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
        request = AWSRequest(
            method=self.command, url=f"http://{self.headers['Host']}{self.path}", data=body,
            headers={name: self.headers[name] for name in names if name != "host"},
        )  # fmt: skip
        request.context["timestamp"] = self.headers["X-Amz-Date"]
        signer = S3SigV4Auth(Credentials(ACCESS, SECRET, TOKEN), "s3", "eu-test-1")
        text = signer.string_to_sign(request, signer.canonical_request(request))
        same = self.headers["Authorization"].endswith(f"Signature={signer.signature(text, request)}")
        same = same and self.headers["X-Amz-Content-Sha256"] == hashlib.sha256(body).hexdigest()
        same = same and self.headers["X-Amz-Security-Token"] == TOKEN
        if body:
            same = same and self.headers["Content-MD5"] == b64encode(hashlib.md5(body).digest()).decode()
        self.server.checked += 1
        self.server.paths.add(unquote(self.path.partition("?")[0]))
        if not same:
            self.server.wrong.append(self.path)
        answer = b"<ListBucketResult></ListBucketResult>" if "list-type" in self.path else b""
        if "uploads=" in self.path:
            answer = b"<InitiateMultipartUploadResult><UploadId>a+b/c=</UploadId></InitiateMultipartUploadResult>"
        self.send_response(404 if self.command == "HEAD" else 200)
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("ETag", '"tag"')
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = check


@pytest.fixture
def checker(tmp_path: Path) -> Iterator[Checker]:
    server = Checker()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    (tmp_path / "keys").write_text(
        f"[default]\naws_access_key_id={ACCESS}\naws_secret_access_key={SECRET}\naws_session_token={TOKEN}\n"
    )
    launching.end_couriers()
    endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    options = {"endpoint": endpoint, "key_file": str(tmp_path / "keys"), "region": "eu-test-1"}
    launching.use_settings([{"name": "s3", "url": "s3://bucket", **options}])
    yield server
    launching.end_couriers()
    launching.use_settings([])
    server.shutdown()
    server.server_close()
    thread.join()


def test_botocore_signs_the_same(checker: Checker, tmp_path: Path) -> None:
    chance = random.Random(4)
    names = []
    for _ in range(300):
        name = "".join(chance.choices(LETTERS, k=chance.randint(1, 40))).strip("/")
        if name and not {".", ".."} & set(name.split("/")):
            names.append(name)
    for found in storage.stat([f"s3://bucket/{name}" for name in names]):
        assert isinstance(found, storage.StorageError)
        assert found.kind is storage.Kind.ABSENT
    assert {f"/bucket/{name}" for name in names} <= checker.paths
    assert storage.look([f"s3://bucket/{name}" for name in names]) == [False] * len(names)
    for name in names[:40]:
        storage.put(name.encode(), f"s3://bucket/{name}")
    (tmp_path / "file").write_bytes(chance.randbytes(100_000))
    storage.store([(tmp_path / "file", f"s3://bucket/{name}") for name in names[:40]])
    assert checker.wrong == []
    assert checker.checked > 400
