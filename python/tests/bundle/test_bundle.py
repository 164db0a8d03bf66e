"""Code that travels: what is packed, what is refused on arrival, and jobs that run from it."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

import martlet
from martlet.bundle import BundleError, Contents, pack, unpack
from martlet.bundle.contents import root_of

PACKAGES = Path(martlet.__file__).parents[1]


def git(folder: Path, *words: str) -> None:
    subprocess.run(
        ["git", "-C", folder, "-c", "user.name=a", "-c", "user.email=a@b", *words], check=True, capture_output=True
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "analysis"
    (root / "lib").mkdir(parents=True)
    (root / "reco.py").write_text("print('hello')\n")
    (root / "lib" / "cuts.py").write_text("PT = 20\n")
    (root / ".gitignore").write_text("data/\n*.root\n")
    (root / "data").mkdir()
    (root / "data" / "big.bin").write_bytes(bytes(100))
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    return root


class TestContents:
    def test_what_git_tracks_and_what_is_new_travels_as_it_is_on_disk(self, repository: Path) -> None:
        (repository / "new.py").write_text("")
        (repository / "lib" / "cuts.py").write_text("PT = 30\n")
        (repository / "out.root").write_text("")
        found = Contents.of(repository)
        assert list(found.files) == [".gitignore", "lib/cuts.py", "new.py", "reco.py"]
        assert not found.notes

    def test_what_was_removed_does_not(self, repository: Path) -> None:
        (repository / "lib" / "cuts.py").unlink()
        assert "lib/cuts.py" not in Contents.of(repository).files

    def test_patterns_keep_files_behind(self, repository: Path) -> None:
        assert list(Contents.of(repository, ["lib", "*.ign*"]).files) == [".gitignore", "reco.py"]

    def test_secrets_and_links_out_stay_behind_and_that_is_said(self, repository: Path) -> None:
        (repository / ".env").write_text("TOKEN=hush")
        (repository / "x509up_u1000").write_text("hush")
        (repository / "lib" / "same.py").symlink_to("cuts.py")
        (repository / "eos").symlink_to("/tmp")
        (repository / "up").symlink_to("../elsewhere")
        found = Contents.of(repository)
        assert {"lib/same.py"} == {path for path in found.files if (repository / path).is_symlink()}
        assert len(found.notes) == 4 and "hush" not in "".join(found.notes)

    def test_a_folder_without_git(self, tmp_path: Path) -> None:
        for name in ("a.py", ".hidden/b.py", "__pycache__/a.pyc", "venv/pyvenv.cfg", "venv/lib.py", "sub/c.txt"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text("")
        assert list(Contents.of(tmp_path).files) == ["a.py", "sub/c.txt"]

    def test_submodules_travel(self, repository: Path, tmp_path: Path) -> None:
        other = tmp_path / "other"
        other.mkdir()
        (other / "o.py").write_text("")
        git(other, "init", "-q")
        git(other, "add", ".")
        git(other, "commit", "-qm", "first")
        git(repository, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other), "sub")
        assert "sub/o.py" in Contents.of(repository).files

    def test_the_repository_is_what_travels_for_a_script(self, repository: Path, tmp_path: Path) -> None:
        assert root_of(repository / "lib" / "cuts.py") == repository
        assert root_of(tmp_path / "x.py") == tmp_path


class TestPack:
    def test_the_same_files_give_the_same_bytes(self, repository: Path, tmp_path: Path) -> None:
        first = pack(Contents.of(repository), tmp_path / "one", ())
        os.utime(repository / "reco.py", (1, 1))
        second = pack(Contents.of(repository), tmp_path / "two", ())
        assert first.digest == second.digest and first.path.read_bytes() == second.path.read_bytes()
        (repository / "reco.py").write_text("print('bye')\n")
        assert pack(Contents.of(repository), tmp_path / "two", ()).digest != first.digest

    def test_what_is_there_is_not_written_again(self, repository: Path, tmp_path: Path) -> None:
        first = pack(Contents.of(repository), tmp_path / "one", ())
        before = first.path.stat().st_mtime_ns
        assert pack(Contents.of(repository), tmp_path / "one", ()).path.stat().st_mtime_ns == before
        assert len(list((tmp_path / "one").iterdir())) == 1

    def test_too_much_names_what_is_large(self, repository: Path, tmp_path: Path) -> None:
        (repository / "weights.bin").write_bytes(bytes(3000))
        with pytest.raises(BundleError, match=r"weights\.bin"):
            pack(Contents.of(repository), tmp_path / "one", (), most=2000)
        assert not list((tmp_path / "one").glob("*")) if (tmp_path / "one").exists() else True

    def test_packages_travel(self, repository: Path, tmp_path: Path) -> None:
        packed = pack(Contents.of(repository), tmp_path / "one", ("martlet", "threadpoolctl"))
        place = unpack(packed.path, packed.digest, tmp_path / "there")
        assert (place / "packages" / "martlet" / "task.py").is_file()
        assert (place / "packages" / "threadpoolctl.py").is_file()
        assert (place / "code" / "reco.py").read_text() == "print('hello')\n"

    def test_a_package_that_is_not_installed_is_named(self, repository: Path, tmp_path: Path) -> None:
        with pytest.raises(BundleError, match="no package no-such-thing"):
            pack(Contents.of(repository), tmp_path / "one", ("no-such-thing",))
        assert not list((tmp_path / "one").iterdir())


def archive(path: Path, fill: Callable[[tarfile.TarFile], None]) -> str:
    """A bundle of one's own making. Returns its digest."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as file:
        fill(file)
    path.write_bytes(gzip.compress(plain.getvalue()))
    return hashlib.sha256(plain.getvalue()).hexdigest()


def entry(
    name: str, content: bytes = b"x", kind: bytes = tarfile.REGTYPE, link: str = ""
) -> tuple[tarfile.TarInfo, io.BytesIO]:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, link
    made.size = len(content) if kind == tarfile.REGTYPE else 0
    return made, io.BytesIO(content)


class TestArrival:
    def test_the_second_who_asks_gets_what_is_there(self, repository: Path, tmp_path: Path) -> None:
        packed = pack(Contents.of(repository), tmp_path / "one", ())
        place = unpack(packed.path, packed.digest, tmp_path / "there")
        packed.path.unlink()
        assert unpack(packed.path, packed.digest, tmp_path / "there") == place
        assert [path.name for path in (tmp_path / "there").iterdir()] == [packed.digest[:32]]

    @pytest.mark.parametrize("damage", ["truncate", "flip", "empty", "other"])
    def test_damage_is_seen_before_anything_is_unpacked(self, repository: Path, tmp_path: Path, damage: str) -> None:
        packed = pack(Contents.of(repository), tmp_path / "one", ())
        content = bytearray(packed.path.read_bytes())
        if damage == "truncate":
            content = content[:-30]
        elif damage == "flip":
            content[len(content) // 2] ^= 0x10
        elif damage == "empty":
            content = bytearray()
        else:
            content = bytearray(gzip.compress(b"something else"))
        packed.path.write_bytes(content)
        with pytest.raises(BundleError):
            unpack(packed.path, packed.digest, tmp_path / "there")
        assert not list((tmp_path / "there").iterdir())

    @pytest.mark.parametrize(
        "hostile",
        [
            [entry("../out")],
            [entry("/tmp/martlet-out")],
            [entry("a/../../out")],
            [entry("link", kind=tarfile.SYMTYPE, link="/tmp")],
            [entry("d/link", kind=tarfile.SYMTYPE, link="../../out")],
            [entry("link", kind=tarfile.SYMTYPE, link="."), entry("link/file")],
            [entry("hard", kind=tarfile.LNKTYPE, link="/etc/passwd")],
            [entry("dev", kind=tarfile.CHRTYPE)],
            [entry("pipe", kind=tarfile.FIFOTYPE)],
            [entry("twice"), entry("twice")],
        ],
        ids=["up", "absolute", "around", "link out", "link up", "by a link", "hard link", "device", "pipe", "twice"],
    )
    def test_nothing_lands_or_leads_outside(
        self, tmp_path: Path, hostile: list[tuple[tarfile.TarInfo, io.BytesIO]]
    ) -> None:
        digest = archive(tmp_path / "bundle", lambda file: [file.addfile(*one) for one in hostile] and None)
        for _, content in hostile:
            content.seek(0)
        with pytest.raises(BundleError):
            unpack(tmp_path / "bundle", digest, tmp_path / "in" / "there")
        assert not list((tmp_path / "in" / "there").iterdir()) and not (tmp_path / "out").exists()
        assert not (tmp_path / "in" / "out").exists()

    def test_a_bomb_is_not_unpacked(self, tmp_path: Path) -> None:
        digest = archive(tmp_path / "bundle", lambda file: file.addfile(*entry("zeros", bytes(1_000_000))))
        with pytest.raises(BundleError, match="more than"):
            unpack(tmp_path / "bundle", digest, tmp_path / "there", most=100_000)

    def test_a_folder_that_others_can_write_to_is_not_believed(self, repository: Path, tmp_path: Path) -> None:
        packed = pack(Contents.of(repository), tmp_path / "one", ())
        (tmp_path / "there" / packed.digest[:32]).mkdir(parents=True)
        (tmp_path / "there").chmod(0o777)
        with pytest.raises(BundleError, match="others may write there"):
            unpack(packed.path, packed.digest, tmp_path / "there")


SCRIPT = """
import martlet
from lib import cuts

class Select(martlet.Workflow):
    def create_branch_map(self):
        return 3
    def output(self):
        return martlet.LocalTarget(f"out/select-{self.branch}")
    def run(self):
        with self.output().open("w") as file:
            file.write(f"{cuts.PT} {cuts.__file__}")
"""


class TestJobs:
    """Real jobs of the system `local`, from a bundle, in a Python that has no Martlet."""

    def run(self, repository: Path, tmp_path: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        (repository / "select.py").write_text(SCRIPT)
        (repository / "lib" / "__init__.py").write_text("")
        environment = {**os.environ, "PYTHONPATH": str(PACKAGES), "TMPDIR": str(tmp_path / "scratch"), **more}
        (tmp_path / "scratch").mkdir(exist_ok=True)
        (tmp_path / "work").mkdir(exist_ok=True)
        return subprocess.run(
            [sys.executable, "-m", "martlet", "run", repository / "select.py", "Select", "--batch", "local",
             "--state", tmp_path / "state", *words],
            env=environment, cwd=tmp_path / "work", capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def test_jobs_run_what_was_packed(self, repository: Path, tmp_path: Path) -> None:
        done = self.run(repository, tmp_path, "--bundle", "always")
        assert done.returncode == 0, done.stderr
        made = (tmp_path / "work" / "out" / "select-1").read_text()
        assert made.startswith("20 ") and str(tmp_path / "scratch") in made
        assert len(list((tmp_path / "state" / "bundles").glob("*.tar.gz"))) == 1

    def test_without_a_bundle_jobs_take_the_code_from_where_it_is(self, repository: Path, tmp_path: Path) -> None:
        done = self.run(repository, tmp_path, "--bundle", "always", "--no-bundle")
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "work" / "out" / "select-1").read_text() == f"20 {repository}/lib/cuts.py"


class TestBootstrap:
    """Each stage that fails says so in one line, with a code of its own."""

    def bootstrap(self, tmp_path: Path, **changed: str) -> subprocess.CompletedProcess[str]:
        here = Path(martlet.__file__).parent / "bundle"
        packed = self.packed
        words = {
            "arrival": str(here / "arrival.py"), "bundle": str(packed.path), "digest": packed.digest,
            "folder": str(tmp_path / "unpacked"), "job": str(tmp_path / "job.json"), "python": "/usr/bin/python3",
            "index": "0", "path": "/usr/bin:/bin", **changed,
        }  # fmt: skip
        (tmp_path / "job.json").write_text("{}")
        given = [words[name] for name in ("arrival", "bundle", "digest", "folder", "python", "job", "index")]
        return subprocess.run(
            ["/bin/sh", here / "bootstrap.sh", *given],
            env={"PATH": words["path"]}, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    @pytest.fixture(autouse=True)
    def pack(self, repository: Path, tmp_path: Path) -> None:
        self.packed = pack(Contents.of(repository), tmp_path / "one", ("martlet",))

    def test_a_python_without_martlet_runs_the_one_that_came_along(self, tmp_path: Path) -> None:
        done = self.bootstrap(tmp_path)
        assert (done.returncode, done.stderr.count("\n")) == (20, 1), done.stderr
        assert "not a job description" in done.stderr

    @pytest.mark.parametrize(
        ("changed", "code", "says"),
        [
            ({"python": "/no/python", "path": "/empty"}, 24, "no Python 3.10 or newer"),
            ({"job": "/no/job"}, 20, "cannot read /no/job"),
            ({"bundle": "/no/bundle"}, 25, "the bundle /no/bundle is not there"),
            ({"digest": "0" * 64}, 26, "is damaged or another one"),
            ({"folder": "/proc/nowhere"}, 27, "cannot unpack"),
        ],
    )
    def test_stages(self, tmp_path: Path, changed: dict[str, str], code: int, says: str) -> None:
        done = self.bootstrap(tmp_path, **changed)
        assert done.returncode == code, done.stderr
        assert says in done.stderr and done.stderr.count("\n") == 1

    def test_an_engine_that_cannot_be_loaded(self, repository: Path, tmp_path: Path) -> None:
        self.packed = pack(Contents.of(repository), tmp_path / "two", ())
        done = self.bootstrap(tmp_path)
        assert done.returncode == 28 and "Martlet cannot be imported by /usr/bin/python3" in done.stderr
        assert done.stderr.count("\n") == 1
