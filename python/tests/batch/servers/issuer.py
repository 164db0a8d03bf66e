"""An issuer of bearer tokens on loopback, as WLCG's are: a server that tells its key, and tokens signed by it."""

from __future__ import annotations

import base64
import json
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from storage.servers.certificates import Certificates


@dataclass(frozen=True)
class Issuer:
    url: str
    key: Path

    def token(self, subject: str, seconds: float = 3600) -> str:
        """A token of WLCG's profile that ends in so many seconds; before now, if they are negative."""
        now = int(time.time())
        claims = {
            "wlcg.ver": "1.0", "iss": self.url, "sub": subject, "aud": "https://wlcg.cern.ch/jwt/v1/any",
            "jti": str(time.time_ns()), "nbf": now - 7200, "iat": now - 7200, "exp": int(now + seconds),
            "scope": "compute.read compute.modify compute.create compute.cancel",
        }  # fmt: skip
        parts = ({"alg": "RS256", "typ": "JWT", "kid": "test"}, claims)
        text = ".".join(_encoded(json.dumps(part).encode()) for part in parts)
        words = ["openssl", "dgst", "-sha256", "-sign", str(self.key)]
        return f"{text}.{_encoded(subprocess.run(words, input=text.encode(), capture_output=True, check=True).stdout)}"


@contextmanager
def serving(folder: Path, made: Certificates) -> Iterator[Issuer]:
    """Runs it until the block ends. `made`: the server's certificate, of localhost."""
    key = folder / "issuer.key"
    subprocess.run(["openssl", "genrsa", "-out", str(key), "2048"], check=True, capture_output=True)
    told = subprocess.run(["openssl", "rsa", "-in", str(key), "-noout", "-modulus"], check=True, capture_output=True)
    modulus = _encoded(bytes.fromhex(told.stdout.decode().strip().partition("=")[2]))
    keys = {"keys": [{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "test", "n": modulus, "e": "AQAB"}]}

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.path.replace("//", "/")
            pages = {"/.well-known/openid-configuration": {"issuer": url, "jwks_uri": f"{url}/jwk"}, "/jwk": keys}
            body = json.dumps(pages.get(asked, {})).encode()
            self.send_response(200 if asked in pages else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.host, made.host_key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    url = f"https://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Issuer(url, key)
    finally:
        server.shutdown()
        server.server_close()


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
