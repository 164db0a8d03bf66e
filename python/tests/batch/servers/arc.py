"""A real ARC computing element (A-REX and its REST interface) on loopback, with a test CA; jobs run on this machine."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from batch.servers import issuer
from batch.servers.htcondor import USER, as_user
from storage.servers import certificates, service

_START = Path("/usr/share/arc")
_PROGRAMS = {
    str(_START / "arc-arex-ws-start"): "nordugrid-arc-arex",
    "arcproxy": "nordugrid-arc-client",
    "openssl": "openssl",
    "setpriv": "util-linux",
}
_AGE = 2
"""Seconds that what the element says of states may be old; by itself it would be a minute."""
_SLEEP = 1
"""Seconds between two looks for ended processes, and between asking one to end and killing it: not ten and five."""
_SUBJECT = "/DC=test/CN=Analyst"


@dataclass(frozen=True)
class ARCElement:
    folder: Path
    port: int
    issuer: issuer.Issuer
    """Of tokens that it takes."""

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}/arex"

    @property
    def environment(self) -> dict[str, str]:
        """What a client needs: who it is, whom it trusts, and a home for its list of jobs."""
        return {
            "X509_CERT_DIR": str(self.folder / "ca"),
            "X509_USER_PROXY": str(self.folder / "user" / "proxy.pem"),
            "HOME": str(self.folder / "user"),
        }

    def run(self, *words: str, timeout: float = 60) -> str:
        """What a command of ARC's prints."""
        done = subprocess.run(
            as_user(words), env={**os.environ, **self.environment}, cwd=self.folder, timeout=timeout, check=True,
            capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout


def why_not() -> str:
    """Why no computing element can be had on this machine; empty if one can."""
    lacks = service.missing(_PROGRAMS)
    return f"ARC needs: {lacks}" if lacks else ""


@contextmanager
def serving(folder: Path) -> Iterator[ARCElement]:
    """Runs a computing element until the block ends.

    `folder` must be one that others may enter, all the way from the root: pytest's temporary folders are not.
    """
    for name in ("control", "session", "cache", "log", "run", "tmp", "arc"):
        _own(folder / name)
    owner = USER if os.geteuid() == 0 else None
    # of one that ends within a week clients say that its health is not good, and keep away
    made = certificates.make(folder / "ca", owner, days=30)
    _user_certificate(folder)
    _dh_parameters(folder)
    with issuer.serving(folder, made) as tokens:
        element = ARCElement(folder, service.free_port(), tokens)
        (folder / "arc.conf").write_text(_configuration(element, made))
        script = folder / "start.sh"
        script.write_text(_start(folder))
        words = as_user(["env", f"ARC_CONFIG={folder / 'arc.conf'}", f"TMPDIR={folder / 'tmp'}", "bash", script])
        with service.running(words, element.port, folder / "log" / "start.out"):
            _await(element)
            yield element


def _own(path: Path) -> None:
    path.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        shutil.chown(path, USER)


def _user_certificate(folder: Path) -> None:
    """Who the analyst is, signed by the test CA, and a proxy of that."""
    user, authority = folder / "user", folder / "ca"
    _own(user)
    for words in (
        ["req", "-newkey", "rsa:2048", "-nodes", "-subj", _SUBJECT, "-keyout", "key.pem", "-out", "request.pem"],
        ["x509", "-req", "-in", "request.pem", "-CA", authority / "ca.pem", "-CAkey", authority / "ca.key",
         "-CAcreateserial", "-days", "2", "-out", "cert.pem"],
    ):  # fmt: skip
        subprocess.run(["openssl", *map(str, words)], cwd=user, check=True, capture_output=True)
    (user / "key.pem").chmod(0o600)
    if os.geteuid() == 0:
        for path in user.iterdir():
            shutil.chown(path, USER)
    asked = {
        "X509_CERT_DIR": str(authority),
        "X509_USER_CERT": str(user / "cert.pem"),
        "X509_USER_KEY": str(user / "key.pem"),
        "HOME": str(user),
    }
    words = as_user(["arcproxy", "-P", user / "proxy.pem", "-c", "validityPeriod=24H"])
    subprocess.run(words, env={**os.environ, **asked}, cwd=user, check=True, capture_output=True)


def _dh_parameters(folder: Path) -> None:
    """Ready-made ones: the start script would spend minutes on its own."""
    path = folder / "control" / "dhparam.pem"
    words = ["openssl", "genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048", "-out", str(path)]
    subprocess.run(words, check=True, capture_output=True)
    path.chmod(0o600)
    if os.geteuid() == 0:
        shutil.chown(path, USER)


def _configuration(element: ARCElement, made: certificates.Certificates) -> str:
    where = element.folder
    return f"""\
[common]
hostname = localhost
x509_host_key = {made.host_key}
x509_host_cert = {made.host}
x509_cert_dir = {made.folder}
[authtokens]
[authgroup:analysts]
subject = {_SUBJECT}
authtokens = * {element.issuer.url} * * *
[mapping]
map_to_user = analysts {USER}:{USER}
[lrms]
lrms = fork
[arex]
controldir = {where}/control
sessiondir = {where}/session
pidfile = {where}/run/arex.pid
logfile = {where}/log/arex.log
joblog = {where}/log/jobs.log
norootpower = yes
wakeupperiod = 2
[arex/cache]
cachedir = {where}/cache
[arex/data-staging]
logfile = {where}/log/staging.log
[arex/ws]
wsurl = {element.url}
pidfile = {where}/run/ws.pid
logfile = {where}/log/ws.log
[arex/ws/jobs]
allowaccess = analysts
[infosys]
logfile = {where}/log/info.log
[infosys/glue2]
[infosys/cluster]
[queue:fork]
"""


def _start(folder: Path) -> str:
    """The shell script that starts both daemons, the one that the world can ask on loopback only.

    They run from a copy of ARC's programs: links, but for the scripts that look for ended processes and end others.
    """
    log, arc = folder / "log", folder / "arc"
    listen = "s#<tcp:Listen>#&<tcp:Interface>127.0.0.1</tcp:Interface>#"
    collect = f"s#<arex:gmconfig>#<arex:InfoproviderWakeupPeriod>{_AGE}</arex:InfoproviderWakeupPeriod>&#"
    return f"""\
set -e
trap 'kill 0' TERM
export ARC_LOCATION={arc}
mkdir -p {arc}/share/arc
ln -s /usr/bin /usr/sbin /usr/lib /usr/libexec {arc}
ln -s {_START}/* {arc}/share/arc
for script in scan-fork-job cancel-fork-job; do
    rm {arc}/share/arc/$script
    sed 's#sleep [0-9]*#sleep {_SLEEP}#' {_START}/$script >{arc}/share/arc/$script
    chmod +x {arc}/share/arc/$script
done
sed -e '{collect}' {_START}/arc-arex-start >{folder}/tmp/start-arex
bash {folder}/tmp/start-arex --foreground >{log}/arex.out 2>&1 &
sed -e '{listen}' {_START}/arc-arex-ws-start >{folder}/tmp/start-ws
bash {folder}/tmp/start-ws --foreground >{log}/ws.out 2>&1 &
wait
"""


def _await(element: ARCElement) -> None:
    """Until it tells what it is: who submits earlier is told that it has no queue."""
    deadline = time.monotonic() + service.PATIENCE
    answer = ""
    while time.monotonic() < deadline:
        try:
            answer = _information(element)
            if "<ComputingShare" in answer:
                return
        except OSError as error:
            answer = str(error)
        time.sleep(0.2)  # between two looks
    raise RuntimeError(f"the computing element did not begin: {answer[-500:]}; see {element.folder / 'log'}")


def _information(element: ARCElement) -> str:
    who = ssl.create_default_context(cafile=str(element.folder / "ca" / "ca.pem"))
    who.load_cert_chain(element.folder / "user" / "cert.pem", element.folder / "user" / "key.pem")
    asked = urllib.request.Request(f"{element.url}/rest/1.0/info?schema=glue2", headers={"Accept": "text/xml"})
    with urllib.request.urlopen(asked, context=who, timeout=10) as answer:
        text: str = answer.read().decode()
    return text
