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
        assert found.notes == (
            ".env, x509up_u1000 stay behind: files of such names usually hold secrets",
            f"eos, up stay behind: links that lead out of {repository}",
        )

    @pytest.mark.parametrize(
        "name",
        [".ENV", "prod.env", ".envrc", "Server.KEY", "krb5cc_1000", "bt_u1000", "secrets.yaml", "token", "id_rsa.old"],
    )
    def test_names_of_secrets(self, repository: Path, name: str) -> None:
        (repository / "lib" / name).write_text("hush")
        assert f"lib/{name} stays behind" in "".join(Contents.of(repository).notes)
        git(repository, "add", ".")
        assert f"lib/{name}" in Contents.of(repository).files

    @pytest.mark.parametrize("name", ["tokenizer.py", "keys.py", "environment.py", "secretary.csv", "bt_utils.py"])
    def test_names_that_are_none(self, repository: Path, name: str) -> None:
        (repository / name).write_text("")
        found = Contents.of(repository)
        assert name in found.files and name in found.new

    def test_hidden_files_travel_where_git_tracks_them(self, repository: Path, tmp_path: Path) -> None:
        for root in (repository, tmp_path / "plain"):
            (root / ".aws").mkdir(parents=True)
            (root / ".aws" / "config").write_text("hush")
            (root / ".bash_history").write_text("hush")
            (root / "x.py").write_text("")
        assert list(Contents.of(tmp_path / "plain").files) == ["x.py"]
        found = Contents.of(repository)
        assert ".gitignore" in found.files and ".bash_history" not in found.files
        assert found.notes == (".aws/config, .bash_history stay behind: what is hidden travels where git tracks it",)

    def test_a_home_directory_is_no_analysis(
        self, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", str(repository))
        with pytest.raises(BundleError, match="all of your home directory"):
            Contents.of(repository)
        # a repository of settings, with an analysis in it that git does not track
        (repository / "work").mkdir()
        (repository / "work" / "x.py").write_text("")
        assert root_of(repository / "work" / "x.py") == repository / "work"
        assert list(Contents.of(repository / "work").files) == ["x.py"]

    def test_a_folder_of_everybody_is_no_analysis(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o1777)
        with pytest.raises(BundleError, match="is everybody's"):
            Contents.of(tmp_path)

    def test_git_that_does_not_answer_is_no_reason_to_pack_all(
        self, repository: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", "/nowhere")
        with pytest.raises(BundleError, match="git cannot be started"):
            Contents.of(repository)
        monkeypatch.undo()
        (repository / ".git" / "config").write_text("[broken")
        with pytest.raises(BundleError, match="git does not tell which files .* bad config"):
            Contents.of(repository)

    def test_a_hook_of_another_repository(
        self, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "other").mkdir()
        git(tmp_path / "other", "init", "-q")
        monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
        monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "other"))
        assert "lib/cuts.py" in Contents.of(repository).files

    def test_a_repository_without_commits(self, tmp_path: Path) -> None:
        git(tmp_path, "init", "-q")
        (tmp_path / "a.py").write_text("")
        assert list(Contents.of(tmp_path).files) == list(Contents.of(tmp_path).new) == ["a.py"]

    def test_worktrees_and_sparse_checkouts(self, repository: Path, tmp_path: Path) -> None:
        git(repository, "worktree", "add", "-q", str(tmp_path / "tree"))
        assert root_of(tmp_path / "tree" / "lib" / "cuts.py") == tmp_path / "tree"
        assert list(Contents.of(tmp_path / "tree").files) == [".gitignore", "lib/cuts.py", "reco.py"]
        git(tmp_path / "tree", "sparse-checkout", "set", "--no-cone", "/reco.py")
        assert list(Contents.of(tmp_path / "tree").files) == ["reco.py"]

    def test_repositories_inside(self, repository: Path, tmp_path: Path) -> None:
        inside = repository / "inside"
        (inside / "deep").mkdir(parents=True)
        (inside / "deep" / "a.py").write_text("")
        (inside / ".gitignore").write_text("*.dat")
        (inside / "big.dat").write_text("")
        git(inside, "init", "-q")
        git(inside, "add", ".gitignore")
        git(inside, "commit", "-qm", "first")
        assert {"inside/deep/a.py", "inside/.gitignore"} <= set(Contents.of(repository).files)
        assert "inside/big.dat" not in Contents.of(repository).files
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
        (repository / "sub" / "new.py").write_text("")
        assert {"sub/o.py", "sub/new.py"} <= set(Contents.of(repository).files)

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

    def test_names_of_all_kinds_arrive(self, repository: Path, tmp_path: Path) -> None:
        names = [b"two\nlines.py", b"caf\xe9.py", "über.py".encode(), b"-rf", b" x", b"back\\slash", b"x" * 250]
        for name in names:
            (repository / os.fsdecode(name)).write_text("there")
        packed = pack(Contents.of(repository), tmp_path / "one", ())
        assert all(note.isprintable() for note in packed.notes)
        place = unpack(packed.path, packed.digest, tmp_path / "there")
        assert all((place / "code" / os.fsdecode(name)).read_text() == "there" for name in names)

    def test_what_is_packed_is_told(self, repository: Path, tmp_path: Path) -> None:
        (repository / "new.py").write_text("")
        packed = pack(Contents.of(repository), tmp_path / "one", ())
        told = f"4 files of {repository} travel with the jobs (0.0 MB), of which git does not track new.py"
        assert packed.notes == (told,)

    def test_files_that_go_meanwhile(self, repository: Path, tmp_path: Path) -> None:
        contents = Contents.of(repository)
        (repository / "lib" / "cuts.py").unlink()
        place = unpack(*self.packed(contents, tmp_path), tmp_path / "there")
        assert (place / "code" / "reco.py").exists() and not (place / "code" / "lib").exists()

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_files_that_are_locked_are_named(self, repository: Path, tmp_path: Path) -> None:
        (repository / "reco.py").chmod(0)
        with pytest.raises(BundleError, match=r"reco\.py cannot be read"):
            pack(Contents.of(repository), tmp_path / "one", ())

    def test_a_bundle_that_was_cut_off_is_written_again(self, repository: Path, tmp_path: Path) -> None:
        contents = Contents.of(repository)
        path, digest = self.packed(contents, tmp_path)
        path.write_bytes(path.read_bytes()[:100])
        assert unpack(*self.packed(contents, tmp_path), tmp_path / "there").name == digest[:32]

    def packed(self, contents: Contents, tmp_path: Path) -> tuple[Path, str]:
        made = pack(contents, tmp_path / "one", ())
        return made.path, made.digest

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

    def test_many_arrive_at_once(self, repository: Path, tmp_path: Path) -> None:
        packed = pack(Contents.of(repository), tmp_path / "one", ("martlet",))
        script = Path(martlet.__file__).parent / "bundle" / "arrival.py"
        words = [sys.executable, "-I", "-S", script, packed.path, packed.digest, tmp_path / "there"]
        jobs = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(6)]
        told = {job.communicate(timeout=60)[0] for job in jobs}
        assert told == {f"{tmp_path / 'there' / packed.digest[:32]}\n"} and not any(job.returncode for job in jobs)
        assert [path.name for path in (tmp_path / "there").iterdir()] == [packed.digest[:32]]

    def test_what_was_cleared_away_in_part_arrives_anew(self, repository: Path, tmp_path: Path) -> None:
        packed = pack(Contents.of(repository), tmp_path / "one", ())
        place = unpack(packed.path, packed.digest, tmp_path / "there")
        (place / "code" / "lib" / "cuts.py").unlink()
        assert (unpack(packed.path, packed.digest, tmp_path / "there") / "code" / "lib" / "cuts.py").exists()
        for path in place.rglob("*"):
            if path.is_file():
                path.unlink()
        assert (unpack(packed.path, packed.digest, tmp_path / "there") / "code" / "lib" / "cuts.py").exists()
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
            [
                entry("s/file"),
                entry("p/q/shallow", kind=tarfile.SYMTYPE, link="../../s"),
                entry("link", kind=tarfile.SYMTYPE, link="p/q/shallow/../../out"),
            ],
        ],
        ids=["up", "absolute", "around", "link out", "link up", "by a link", "hard", "node", "pipe", "twice", "links"],
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

    def test_the_run_says_what_travels_and_never_sends_its_own_records(self, repository: Path, tmp_path: Path) -> None:
        (repository / ".env").write_text("hush")
        for _ in range(2):
            done = self.run(repository, tmp_path, "--bundle", "always", "--state", str(repository / "state"))
            assert done.returncode == 0, done.stderr
            (tmp_path / "work" / "out" / "select-1").unlink()
            assert "martlet: .env stays behind" in done.stderr and "state/" not in done.stderr
        assert len(list((repository / "state" / "bundles").glob("*.tar.gz"))) == 1

    def test_the_script_may_be_found_by_a_link(self, repository: Path, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(repository)
        done = self.run(tmp_path / "link", tmp_path, "--bundle", "always")
        assert done.returncode == 0, done.stderr
        assert str(tmp_path / "scratch") in (tmp_path / "work" / "out" / "select-1").read_text()

    def test_without_a_bundle_jobs_take_the_code_from_where_it_is(self, repository: Path, tmp_path: Path) -> None:
        done = self.run(repository, tmp_path, "--bundle", "always", "--no-bundle")
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "work" / "out" / "select-1").read_text() == f"20 {repository}/lib/cuts.py"


SHELLS = [shell for shell in ("/bin/dash", "/bin/bash") if os.path.exists(shell)] or ["/bin/sh"]


@pytest.mark.parametrize("shell", SHELLS)
class TestBootstrap:
    """Each stage that fails says so in one line, with a code of its own."""

    shell = "/bin/sh"

    @pytest.fixture(autouse=True)
    def use(self, shell: str) -> None:
        self.shell = shell

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
            [self.shell, words.get("bootstrap", here / "bootstrap.sh"), *given],
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

    def test_what_was_cut_off_is_no_job_that_is_done(self, tmp_path: Path) -> None:
        here = Path(martlet.__file__).parent / "bundle"
        for name, code in (("bootstrap", 2), ("arrival", 26)):
            file = next(here.glob(f"{name}.*"))
            text = file.read_text()
            for kept in (len(text) // 2, len(text) * 4 // 5, len(text) - 3):
                (tmp_path / "cut").write_text(text[:kept])
                done = self.bootstrap(tmp_path, **{name: str(tmp_path / "cut")})
                assert done.returncode == code, (kept, done.stderr)
