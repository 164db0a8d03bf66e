"""Stores in files, variables and flags: which word counts, what is refused, and that secrets are not shown."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

import martlet
from martlet.diagnostics import Code, MartletError
from martlet.steering import configuration, configured_stores, store_options
from martlet.steering.configuration import find
from martlet.storage import stores
from martlet.targets import DirectoryTarget, LocalTarget, RemoteTarget

from .conftest import RunCommand

SECRET = "hunter2"


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    configured_stores.give(())
    configured_stores.run_for(None)
    yield
    configured_stores.give(())
    configured_stores.run_for(None)


def write(project: Path, text: str) -> None:
    (project / "martlet.toml").write_text(text)


def refused(project: Path, text: str) -> MartletError:
    write(project, text)
    with pytest.raises(MartletError) as raised:
        find(None, {})
    return raised.value


def settle(environ: dict[str, str] | None = None) -> None:
    configured_stores.settle(find(None, environ or {}).stores)


def test_later_places_win_option_by_option(project: Path) -> None:
    write(project, "[stores.eos]\nurl = 'root://host//eos'\nparallel = 3\n[stores.tmp-2]\nurl = 'results'\n")
    home = project / "home" / "martlet"
    home.mkdir(parents=True)
    (home / "martlet.toml").write_text("[stores.eos]\ntoken_file = '~/t'\nparallel = 4\n")
    environ = {"XDG_CONFIG_HOME": str(project / "home"), "MARTLET_STORE_TMP_2": "/scratch", "MARTLET_STORE_NEW": "x"}
    configured_stores.give(["eos=s3://bucket/x"])
    settle(environ)
    known = configured_stores.current()
    assert known["eos"].url == "s3://bucket/x"
    assert known["eos"].options == {"parallel": 4, "token_file": str(Path("~/t").expanduser())}
    assert known["tmp-2"].url == "/scratch"
    assert known["new"].url == str(project / "x")


def test_paths_count_from_their_file(project: Path) -> None:
    (project / "deep").mkdir()
    (project / "deep" / "martlet.toml").write_text("[stores.a]\nurl = 'results'\nca = 'ca.pem'\n[stores.b]\nurl = 'file:///x'")
    configured_stores.settle(find(project / "deep" / "reco.py", {}).stores)
    assert martlet.store("a").url == str(project / "deep" / "results")
    assert martlet.store("a").place.options == {"ca": str(project / "deep" / "ca.pem")}
    assert martlet.store("b").target("y") == LocalTarget("/x/y")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("stores = 3", "a table of stores"),
        ("[stores]\neos = 'root://x'", "a table of stores"),
        ("[stores.eos]\nurl = 'a'\ntokenfile = 'x'", "did you mean token_file"),
        ("[stores.eos]\nurl = 3", "give a text"),
        ("[stores.eos]\nurl = 'a'\nparallel = 0", "give a whole number"),
        ("[stores.eos]\nurl = 'a'\nretries = -1", "give a whole number, at least 0"),
        ("[stores.eos]\nurl = 'a'\ntimeout = 0", "give a number of seconds"),
        ("[stores.eos]\nurl = 'a'\ncache_limit = '5 parsec'", "give a number of bytes"),
        ("[stores.eos]\nurl = 'a'\ncache_check = 'luck'", "give one of size, mtime, checksum"),
        ("[stores.eos]\nurl = 'a'\nallow_http = 1", "give true or false"),
        ("[stores.eos]\nurl = 'a'\noptions = 1", "give a table"),
        ("[stores.'e os']\nurl = 'a'", "use letters, digits"),
    ],
)
def test_what_is_refused(project: Path, text: str, words: str) -> None:
    error = refused(project, text)
    assert words in str(error) and str(project / "martlet.toml") in str(error)
    assert error.exit_code == 2


@pytest.mark.parametrize(
    "text",
    [
        f"url = 'https://doe:{SECRET}@host/x'",
        f"url = 'https://host/x?sig={SECRET}'",
        f"url = 'a'\ntoken = 3\npassword = '{SECRET}'",
        f"url = 'a'\npassword = ['{SECRET}']",
    ],
)
def test_refused_secrets_are_not_told(project: Path, text: str) -> None:
    assert SECRET not in str(refused(project, f"[stores.eos]\n{text}\n"))


def test_a_user_in_a_url_is_no_secret(project: Path) -> None:
    write(project, "[stores.a]\nurl = 'root://doe@host//x'")
    settle()
    assert martlet.store("a").url == "root://doe@host//x"


def test_a_store_that_is_nowhere(project: Path) -> None:
    write(project, "[stores.eos]\nparallel = 3\n")
    with pytest.raises(MartletError, match="nothing says where the store lies"):
        settle()


@pytest.mark.parametrize("text", ["eos", "eos=", "=x", "e os=x"])
def test_flags_that_are_refused(project: Path, text: str) -> None:
    with pytest.raises(MartletError) as raised:
        configured_stores.give([text])
    assert raised.value.diagnostic.code in (Code.FLAG_VALUE, Code.MALFORMED_VALUE)


def test_flags_count_from_where_they_are_given(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configured_stores.give(["a=results", "b=root://h//x"])
    monkeypatch.chdir("/")
    assert configured_stores.told() == (f"a={project}/results", "b=root://h//x")
    settle()
    assert martlet.store("a").url == f"{project}/results"


def test_sizes() -> None:
    option = store_options.BY_NAME["cache_limit"]
    sizes = {"20 GB": 20 * 10**9, "1.5TB": 15 * 10**11, "7": 7, "5 kB": 5000, "9 B": 9}
    assert {text: store_options.checked(option, text, Path()) for text in sizes} == sizes
    assert store_options.checked(option, 12, Path()) == 12


def test_targets_of_a_store(project: Path) -> None:
    write(project, "[stores.eos]\nurl = 'root://host//eos/doe'\n[stores.here]\nurl = 'results'\nmirror = 'no'\n")
    eos, here = martlet.store("eos"), martlet.store("here")
    assert eos / "tth" / "fit.json" == eos.target("tth", "fit.json") == RemoteTarget("root://host//eos/doe/tth/fit.json")
    assert here.target("a/b.txt") == LocalTarget(project / "results" / "a" / "b.txt")
    assert here.directory() == DirectoryTarget(project / "results")
    assert eos.directory("x").url == "root://host//eos/doe/x"
    with pytest.raises(ValueError, match="names nothing within"):
        eos / "../other"
    assert pickle.loads(pickle.dumps(eos)) == eos == martlet.store("eos") and hash(eos) == hash(martlet.store("eos"))
    assert repr(eos) == "store('eos')"
    assert stores.table() == [{"name": "eos", "url": "root://host//eos/doe"}]


def test_a_further_run_with_the_same_stores_changes_nothing(project: Path) -> None:
    write(project, "[stores.eos]\nurl = 'root://host//eos/doe'\n")
    settle()
    known = stores.places()
    settle()
    assert stores.places() is known
    write(project, "[stores.eos]\nurl = 'root://host//eos/other'\n")
    settle()
    assert stores.places() is not known and martlet.store("eos").url.endswith("other")


def test_mirrors_and_mounts(project: Path) -> None:
    url = "url = 'root://host//eos/doe'"
    write(project, f"[stores.a]\n{url}\nmirror = '/data/m'\n[stores.b]\n{url}\nmount = '/eos/doe'\n")
    a, b = (martlet.store(name).target("x", "y.root") for name in "ab")
    assert (a.mirror.path, a.mounted) == ("/data/m/x/y.root", False)  # type: ignore[attr-defined]
    assert (b.mirror.path, b.mounted) == ("/eos/doe/x/y.root", True)  # type: ignore[attr-defined]
    assert b.sibling("z").mirror.path == "/eos/doe/x/z"  # type: ignore[attr-defined]
    assert b.path == "root://host//eos/doe/x/y.root"


def test_unknown_stores_and_defaults(project: Path) -> None:
    write(project, "[stores.results]\nurl = 'a'\n")
    with pytest.raises(stores.UnknownStore, match="did you mean results"):
        martlet.store("result").target("x")
    with pytest.raises(stores.UnknownStore, match=r"write \[stores.wholly-else\]"):
        _ = martlet.store("wholly-else") / "x"
    assert martlet.store("more", default="/tmp/x").target("y") == LocalTarget("/tmp/x/y")
    assert martlet.store("results", default="/tmp/x").url == str(project / "a")


def test_listings_hide_secrets(project: Path) -> None:
    write(
        project,
        f"[stores.eos]\nurl = 'https://doe@host/x'\ntoken = '{SECRET}'\nuser = 'doe'\ncache_limit = '1 GB'\n"
        f"[stores.eos.options]\nkey = '{SECRET}'\n",
    )
    found = find(None, {})
    assert SECRET not in configuration.listing(found)
    assert SECRET not in configuration.listing_json(found)
    rows = json.loads(configuration.listing_json(found))
    assert rows["stores.eos.url"] == {"value": "https://host/x", "source": str(project / "martlet.toml")}
    assert rows["stores.eos.token"]["value"] == "(hidden)"
    assert "stores.eos.cache_limit" in configuration.listing(found)
    settle()
    assert stores.table()[0]["token"] == SECRET


SCRIPT = """
import martlet

results = martlet.store("results")

class Selection(martlet.Task):
    def output(self):
        return results / "selection.txt"
    def run(self):
        self.output().dump("selected")
"""


def test_the_flag_moves_the_outputs_of_a_run(project: Path, command: RunCommand) -> None:
    (project / "reco.py").write_text(SCRIPT)
    write(project, "[stores.results]\nurl = 'here'\n")
    assert command("reco.py", "Selection").returncode == 0
    assert (project / "here" / "selection.txt").read_text() == "selected"
    assert command("-m", "martlet", "run", "reco.py", "Selection", "--store", "results=there").returncode == 0
    assert command("reco.py", "Selection", MARTLET_STORE_RESULTS="elsewhere").returncode == 0
    assert (project / "there" / "selection.txt").exists() and (project / "elsewhere" / "selection.txt").exists()
    shown = command("-m", "martlet", "config", "reco.py").stdout
    assert f"stores.results.url  {project}/here".split() == shown.splitlines()[-1].split()[:2]
    wrong = command("reco.py", "Selection", "--store", "results")
    assert wrong.returncode == 2 and "NAME=URL" in wrong.stderr


def test_in_a_bundle_files_that_did_not_travel_are_where_they_were(project: Path) -> None:
    for folder in (project / "there", project / "copy"):
        folder.mkdir()
        (folder / "ca.pem").write_text("travelled")
    url = "davs://door.example.org:2880/tth"
    write(project / "copy", f"[stores.grid]\nurl = '{url}'\nca = 'ca.pem'\ntoken_file = '.token'\n")
    configured_stores.give([f"grid={url}"])
    origin = configured_stores.Origin(project / "there", project / "copy")
    configured_stores.run_for(project / "copy" / "script.py", origin)
    assert configured_stores.current()["grid"].options == {
        "ca": str(project / "copy" / "ca.pem"), "token_file": str(project / "there" / ".token"),
    }  # fmt: skip
