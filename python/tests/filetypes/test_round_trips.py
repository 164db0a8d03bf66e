"""What is dumped is what is loaded, for every type and whatever it holds."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from martlet import filetypes

quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


def round_trip(folder: Path, name: str, obj: Any, **options: Any) -> Any:
    path = str(folder / name)
    filetypes.of(name).dump(obj, path, **options)
    return filetypes.of(name).load(path)


@quick
@given(st.text(st.characters(codec="utf-8")))
def test_text(tmp_path: Path, text: str) -> None:
    assert round_trip(tmp_path, "note.txt", text) == text
    assert round_trip(tmp_path, "note.txt.gz", text) == text


@quick
@given(st.binary())
def test_bytes(tmp_path: Path, content: bytes) -> None:
    for name in ("raw.bin", "raw.gz", "raw.unheard.xz", "raw.bin.bz2"):
        assert round_trip(tmp_path, name, content) == content


@quick
@given(PLAIN)
def test_json_and_pickle(tmp_path: Path, obj: Any) -> None:
    for name in ("fit.json", "fit.json.gz", "fit.v2.json.xz", "FIT.JSON", "fit.pkl", "fit.pickle.bz2"):
        assert round_trip(tmp_path, name, obj) == obj


@quick
@given(PLAIN)
def test_yaml(tmp_path: Path, obj: Any) -> None:
    pytest.importorskip("yaml")
    assert round_trip(tmp_path, "fit.yaml", obj) == obj
    assert round_trip(tmp_path, "fit.yml.gz", obj) == obj


NAMES = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="/\\\0", exclude_categories=["Cs"]), min_size=1, max_size=8)
    .filter(lambda name: name not in (".", "..")),
    min_size=1, max_size=3,
).map("/".join)  # fmt: skip


@quick
@given(st.dictionaries(NAMES, st.binary(max_size=99), max_size=4))
def test_archives(tmp_path: Path, content: dict[str, bytes]) -> None:
    for name in ("a.tar", "a.tar.gz", "a.tgz", "a.tar.bz2", "a.tar.xz", "a.zip"):
        assert round_trip(tmp_path, name, content) == content


def test_folders_become_archives_and_folders_again(tmp_path: Path) -> None:
    folder = tmp_path / "cards"
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "deep" / "er" / "run.sh").write_text("#!/bin/sh\n")
    (folder / "deep" / "er" / "run.sh").chmod(0o755)
    (folder / "z.txt").write_text("z")
    for name in ("cards.tar.gz", "cards.zip"):
        filetypes.of(name).dump(folder, str(tmp_path / name))
        into = tmp_path / f"from-{name}"
        assert filetypes.of(name).load(str(tmp_path / name), into=into) == str(into)
        assert (into / "deep" / "er" / "run.sh").read_text() == "#!/bin/sh\n"
        assert (into / "z.txt").read_text() == "z"
        with pytest.raises(FileExistsError, match="folder of its own"):
            filetypes.of(name).load(str(tmp_path / name), into=into)
        assert filetypes.of(name).load(str(tmp_path / name))["z.txt"] == b"z"


@pytest.mark.parametrize("end", ["tar", "tar.gz", "tar.xz", "zip", "json.gz", "npz", "ak", "pdf", "svg", "png"])
def test_the_same_content_gives_the_same_bytes(tmp_path: Path, end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    content: Any = {"b": b"2", "a": b"1"}
    if end in ("pdf", "svg", "png"):
        content = figure()
    elif end == "json.gz":
        content = [1, 2]
    elif end in ("npz", "ak"):
        content = {"a": pytest.importorskip("numpy").arange(3)} if end == "npz" else [[1.0], []]
    files = []
    for place, moment in (("one", 1e9), ("two", 1.7e9)):
        monkeypatch.setattr(time, "time", lambda moment=moment: moment)
        (tmp_path / place).mkdir()
        path = tmp_path / place / f"x.{end}"
        if end in ("ak",):
            pytest.importorskip("awkward")
        filetypes.of(path.name).dump(content, str(path))
        files.append(path.read_bytes())
    assert files[0] == files[1]


def figure() -> Any:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(2, 2))
    drawn.subplots().plot([0, 1], [1, 0], label="x")
    return drawn


def test_figures(tmp_path: Path) -> None:
    drawn = figure()
    pixels = round_trip(tmp_path, "x.png", drawn, dpi=50)
    assert pixels.shape[:2] == (100, 100)
    filetypes.of("x.pdf").dump(drawn.axes[0], str(tmp_path / "x.pdf"))
    assert (tmp_path / "x.pdf").read_bytes().startswith(b"%PDF")
    with pytest.raises(filetypes.UnfitContent, match="to be looked at"):
        filetypes.of("x.pdf").load(str(tmp_path / "x.pdf"))
    with pytest.raises(filetypes.UnfitContent, match="not int"):
        filetypes.of("x.pdf").dump(3, str(tmp_path / "y.pdf"))


def test_numpy(tmp_path: Path) -> None:
    np = pytest.importorskip("numpy")
    array = np.linspace(0, 1, 7).reshape(7, 1)
    assert np.array_equal(round_trip(tmp_path, "a.npy", array), array)
    assert np.array_equal(round_trip(tmp_path, "a.npy.gz", array), array)
    both = {"x": array, "flags": np.array([True]), "words": np.array(["a", "bc"])}
    for options in ({}, {"compressed": True}):
        back = round_trip(tmp_path, "a.npz", both, **options)
        assert list(back) == list(both)
        assert all(np.array_equal(back[name], both[name]) and back[name].dtype == both[name].dtype for name in both)
    with pytest.raises(filetypes.UnfitContent, match="'o' holds Python objects"):
        round_trip(tmp_path, "o.npz", {"o": np.array([object()])})
    with pytest.raises(filetypes.UnfitContent, match="a dict of arrays, not list"):
        round_trip(tmp_path, "o.npz", [1])
    with pytest.raises(ValueError, match="allow_pickle"):
        round_trip(tmp_path, "o.npy", np.array([object()]))


def test_pickles_within_numpy_files_are_not_read(tmp_path: Path) -> None:
    np = pytest.importorskip("numpy")
    np.save(tmp_path / "evil.npy", np.array([object]), allow_pickle=True)
    with pytest.raises(ValueError, match="allow_pickle"):
        filetypes.of("evil.npy").load(str(tmp_path / "evil.npy"))


def jets() -> Any:
    ak = pytest.importorskip("awkward")
    return ak.Array([{"n": 2, "pt": [50.5, 30.25]}, {"n": 0, "pt": []}, {"n": 1, "pt": [math.pi]}])


def test_awkward(tmp_path: Path) -> None:
    ak = pytest.importorskip("awkward")
    events = ak.with_name(jets(), "Event")
    back = round_trip(tmp_path, "events.ak", events)
    assert ak.array_equal(back, events)
    assert ak.parameters(back)["__record__"] == "Event"
    option = ak.Array([None, [1, None], "text"])
    assert round_trip(tmp_path, "o.awkward.gz", option[1:1]).to_list() == []
    assert round_trip(tmp_path, "o.awkward", option).to_list() == option.to_list()


def test_parquet(tmp_path: Path) -> None:
    ak, pd, pa = (pytest.importorskip(name) for name in ("awkward", "pandas", "pyarrow"))
    assert ak.array_equal(round_trip(tmp_path, "a.parquet", jets()), jets())
    table = pd.DataFrame({"x": [1.5, 2.5], "name": ["a", "b"]}, index=[3, 4])
    pd.testing.assert_frame_equal(round_trip(tmp_path, "p.parquet", table), table)
    arrow = pa.table({"x": [1, 2], "y": [[1.0], []]})
    assert round_trip(tmp_path, "t.parquet", arrow).equals(arrow)
    assert round_trip(tmp_path, "d.pq", {"x": [1, 2]}).to_pydict() == {"x": [1, 2]}
    load = filetypes.of("x.parquet").load
    assert load(str(tmp_path / "p.parquet"), kind="arrow").column_names[:2] == ["x", "name"]
    assert load(str(tmp_path / "a.parquet"), kind="pandas").shape == (3, 2)
    assert load(str(tmp_path / "t.parquet"), kind="awkward", columns=["y"]).fields == ["y"]
    with pytest.raises(filetypes.UnfitContent, match="not int"):
        round_trip(tmp_path, "x.parquet", 3)


def test_root(tmp_path: Path) -> None:
    np, ak, hist = (pytest.importorskip(name) for name in ("numpy", "awkward", "hist"))
    pytest.importorskip("uproot")
    mass = hist.Hist(hist.axis.Regular(4, 0, 200, name="mass", label="m"), storage=hist.storage.Weight())
    mass.fill([10, 60, 61, 500], weight=[1, 2, 3, 4])
    content = {
        "shifts/up/mass": mass,
        "events": {"run": np.array([1, 2, 3]), "pt": jets()["pt"], "weight": np.array([1, 2, 3], dtype="f4")},
        "records": jets(),
        "note": "private work",
        "counts": np.histogram([1, 2, 2], bins=3),
    }
    back = round_trip(tmp_path, "all.root", content)
    assert set(back) == set(content)
    assert np.array_equal(back["shifts/up/mass"].values(flow=True), mass.values(flow=True))
    assert np.array_equal(back["shifts/up/mass"].variances(flow=True), mass.variances(flow=True))
    assert list(back["events"]) == ["run", "pt", "weight"]
    assert isinstance(back["events"]["run"], np.ndarray)
    assert back["events"]["weight"].dtype == np.dtype("f4")
    assert ak.array_equal(back["events"]["pt"], jets()["pt"])
    assert ak.array_equal(back["records"]["pt"], jets()["pt"])
    assert back["note"] == "private work"
    assert np.array_equal(back["counts"].values(), content["counts"][0])
    load = filetypes.of("all.root").load
    assert list(load(str(tmp_path / "all.root"), only="events", branches=["run"])["events"]) == ["run"]
    # what was read is written again
    assert set(round_trip(tmp_path, "again.root", back)) == set(content)
    with pytest.raises(filetypes.UnfitContent, match="not list"):
        round_trip(tmp_path, "x.root", [1])


def test_root_trees_without_entries(tmp_path: Path) -> None:
    np, ak = (pytest.importorskip(name) for name in ("numpy", "awkward"))
    pytest.importorskip("uproot")
    empty = {"tree": {"x": np.array([], dtype="f8"), "pt": jets()["pt"][:0]}}
    back = round_trip(tmp_path, "empty.root", empty)["tree"]
    assert list(back) == ["x", "pt"]
    assert len(back["x"]) == len(back["pt"]) == 0


def test_hdf5(tmp_path: Path) -> None:
    np = pytest.importorskip("numpy")
    pytest.importorskip("h5py")
    content = {"fit": {"cov": np.eye(2), "mu": 1.25, "names": np.array(["a", "µ"])}, "note": "µ", "n": 3, "empty": {}}
    back = round_trip(tmp_path, "fit.h5", content, compression="gzip")
    assert set(back) == set(content) and back["empty"] == {}
    assert np.array_equal(back["fit"]["cov"], content["fit"]["cov"])  # type: ignore[index]
    assert (back["fit"]["mu"], back["n"], back["note"]) == (1.25, 3, "µ")
    assert list(back["fit"]["names"]) == ["a", "µ"]
    assert filetypes.of("fit.h5").load(str(tmp_path / "fit.h5"), only="fit/mu") == 1.25
    with pytest.raises(filetypes.UnfitContent, match="holds object"):
        round_trip(tmp_path, "x.h5", {"x": object()})


def test_tables(tmp_path: Path) -> None:
    pd = pytest.importorskip("pandas")
    table = pd.DataFrame({"x": [0.1 + 0.2, 1e-300], "name": ["a, b", "c\t"]})
    for name in ("t.csv", "t.tsv", "t.csv.gz"):
        pd.testing.assert_frame_equal(round_trip(tmp_path, name, table), table, check_exact=True)
    assert (tmp_path / "t.tsv").read_text().startswith("x\tname\n")
    with pytest.raises(filetypes.UnfitContent, match="index would be lost"):
        round_trip(tmp_path, "t.csv", table.set_index("name"))
    filetypes.of("t.csv").dump(table.set_index("name"), str(tmp_path / "t.csv"), index=True)
