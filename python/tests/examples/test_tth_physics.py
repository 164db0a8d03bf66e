"""The physics of examples/tth, without steering: known answers, closure on the toy, and real CMS Open Data."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TTH = ROOT / "examples" / "tth"

for library in ("numpy", "awkward", "uproot", "vector", "hist", "mplhep", "iminuit"):
    pytest.importorskip(library, reason=f"{library} is missing: the demo needs the extra martlet[hep]")

sys.path.insert(0, str(TTH))

import awkward as ak  # noqa: E402
import numpy as np  # noqa: E402
import uproot  # noqa: E402

from physics import (  # noqa: E402
    datasets,
    detector,
    fit,
    histograms,
    nanoaod,
    reconstruction,
    selection,
    shifts,
    simulation,
    systematics,
    templates,
    toy,
)
from physics.variables import REGIONS, VARIABLES  # noqa: E402

OPEN_DATA = "nanoAOD_2015_CMS_Open_Data_ttbar.root"


@pytest.fixture(scope="session")
def signal_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("toy") / "ttH125_0.root")
    toy.write_simulated(datasets.TTH, "ttH125_0.root", path)
    return path


@pytest.fixture(scope="session")
def signal(signal_file: str) -> nanoaod.Sample:
    return nanoaod.read(signal_file)


@pytest.fixture(scope="session")
def selected(signal: nanoaod.Sample) -> selection.Selected:
    return selection.select(signal, shifts.NOMINAL, selection.CUTS["signal"])


@pytest.fixture(scope="session")
def open_data() -> nanoaod.Sample:
    """200 events of simulated top quark pairs as CMS published them."""
    folders = [Path(os.environ["MARTLET_TEST_DATA"])] if "MARTLET_TEST_DATA" in os.environ else []
    folders.append(ROOT.parent / "shared" / "data")
    for folder in folders:
        if (folder / OPEN_DATA).is_file():
            return nanoaod.read(str(folder / OPEN_DATA))
    looked = " or ".join(map(str, folders))
    pytest.skip(f"CMS Open Data missing: no {OPEN_DATA} in {looked}; set MARTLET_TEST_DATA to its folder")


def test_decay_conserves_momentum_and_masses() -> None:
    rng = np.random.default_rng(1)
    flavour, present = simulation.draw_flavours("ttH", 500, rng)
    hard = simulation.generate("ttH", flavour.astype(int), present, rng)
    there = np.where(present, 1.0, 0.0)
    for axis in ("px", "py"):
        total = (hard.partons[axis] * there).sum(axis=1) + hard.lepton[axis] + hard.neutrino[axis]
        assert total == pytest.approx(0.0, abs=1e-6)
    b, q1, q2 = (hard.partons[:, slot] for slot in (0, 2, 3))
    assert np.median((b + q1 + q2).mass) == pytest.approx(simulation.MASS_TOP, abs=0.3)
    assert np.median((q1 + q2).mass) == pytest.approx(simulation.MASS_W, abs=0.4)
    leptonic = hard.partons[:, 1] + hard.lepton + hard.neutrino
    assert np.asarray(leptonic.mass) == pytest.approx(np.asarray(hard.tops[1].mass), rel=1e-6)
    higgs = hard.partons[:, 4] + hard.partons[:, 5]
    assert np.asarray(higgs.mass) == pytest.approx(simulation.MASS_HIGGS, rel=1e-6)


def test_b_tag_efficiencies_are_those_that_weights_assume() -> None:
    rng = np.random.default_rng(2)
    for flavour, expected in ((5, 0.70), (4, 0.15), (21, 0.012)):
        tagged = detector.draw_discriminants(np.full(200_000, flavour), rng) > detector.MEDIUM
        assert tagged.mean() == pytest.approx(expected, rel=0.05)


def test_a_simulated_file_depends_on_its_name_alone(signal_file: str, tmp_path: Path) -> None:
    names = ("Jet_pt", "Jet_btagDeepFlavB", "MET_pt", "event")
    contents = {}
    for name in ("ttH125_0.root", "ttH125_1.root"):
        toy.write_simulated(datasets.TTH, name, str(tmp_path / name))
        contents[name] = uproot.open(tmp_path / name)["Events"].arrays(names)
    first = uproot.open(signal_file)["Events"].arrays(names)
    assert ak.array_equal(contents["ttH125_0.root"], first)
    assert not ak.array_equal(contents["ttH125_1.root"].MET_pt[:100], first.MET_pt[:100])


def test_toy_data_hide_what_only_a_generator_knows(tmp_path: Path) -> None:
    dataset = replace(datasets.DATA, files=400)
    toy.write_simulated(dataset, "data_0.root", str(tmp_path / "data.root"))
    sample = nanoaod.read(str(tmp_path / "data.root"))
    assert sample.is_data
    assert sample.sum_of_weights == 0.0
    assert ak.all(sample.jets.flavour == 0)


def test_selected_events_are_what_was_asked_for(selected: selection.Selected) -> None:
    assert len(selected.columns["event"]) > 200
    jets = selected.jets
    assert ak.all(ak.num(jets) >= 6)
    assert ak.all(jets.pt > 30)
    assert ak.all(abs(jets.eta) < 2.4)
    assert ak.all(ak.sum(jets.btag > detector.MEDIUM, axis=1) >= 4)
    assert ak.all(jets.pt[:, :-1] >= jets.pt[:, 1:])
    assert (selected.columns["lepton_pt"] > 29).all()
    phi = (jets.phi - selected.columns["lepton_phi"] + np.pi) % (2 * np.pi) - np.pi
    assert ak.min(np.hypot(jets.eta - selected.columns["lepton_eta"], phi)) > 0.4


def test_a_second_lepton_is_vetoed(signal: nanoaod.Sample) -> None:
    muons = signal.muons[signal.muons.tight & (signal.muons.pt > 29) & (abs(signal.muons.eta) < 2.4)]
    doubled = replace(signal, muons=ak.concatenate([muons, muons], axis=1), electrons=signal.electrons[:, :0])
    assert selection.select(doubled, shifts.NOMINAL, selection.CUTS["signal"]).counts["lepton"] == 0


@pytest.mark.parametrize("shift", shifts.OBJECT_SHIFTS)
def test_object_shifts_move_what_they_should(signal: nanoaod.Sample, shift: str) -> None:
    moved = systematics.shift_objects(signal, shift)
    source, sign = shifts.split(shift)
    if source.startswith("JES"):
        assert ak.all((moved.jets.pt - signal.jets.pt) * sign > 0)
        assert not np.array_equal(moved.events["MET_pt"], signal.events["MET_pt"])
    elif source == "JER":
        matched = (signal.jets.genPt > 0) & (abs(signal.jets.pt - signal.jets.genPt) < 0.5 * signal.jets.pt)
        spread = [ak.std((jets.pt - jets.genPt)[matched]) for jets in (moved.jets, signal.jets)]
        assert (spread[0] - spread[1]) * sign > 0
    elif source == "LeptonScale":
        assert ak.all((moved.muons.pt - signal.muons.pt) * sign > 0)
        assert ak.all(moved.jets.pt == signal.jets.pt)
    else:
        assert ak.all(moved.jets.pt == signal.jets.pt)
        assert not np.array_equal(moved.events["MET_pt"], signal.events["MET_pt"])


def test_momentum_that_jets_gain_is_missing_less(signal: nanoaod.Sample) -> None:
    moved = systematics.shift_objects(signal, "JESAbsolute_up")

    def total(sample: nanoaod.Sample) -> np.ndarray:
        jets = ak.to_numpy(ak.sum(sample.jets.pt * np.cos(sample.jets.phi), axis=1))
        return jets + sample.events["MET_pt"] * np.cos(sample.events["MET_phi"])

    assert total(moved) == pytest.approx(total(signal), abs=0.01)


def test_weight_shifts_do_not_make_selections(signal: nanoaod.Sample) -> None:
    with pytest.raises(ValueError, match="does not change objects"):
        systematics.shift_objects(signal, "pileup_up")
    for shift in shifts.WEIGHT_SHIFTS:
        assert shifts.object_shift(shift) == shifts.NOMINAL


@pytest.mark.parametrize("source", shifts.WEIGHT_SOURCES)
def test_weights_go_both_ways_and_stay_near_one(selected: selection.Selected, source: str) -> None:
    factors = [
        systematics.weight(f"{source}_{way}", selected.columns, selected.jets, selected.counts["working_point"])
        for way in ("up", "down")
    ]
    assert not np.array_equal(*factors)
    for factor in factors:
        assert factor.shape == selected.columns["event"].shape
        assert (factor > 0).all()
        assert factor.mean() == pytest.approx(1.0, abs=0.3)
    assert (factors[0] - 1) @ (factors[1] - 1) < 0


def test_btag_weight_of_one_jet() -> None:
    jets = ak.Array([[{"pt": 50.0, "btag": 0.9, "flavour": 0}], [{"pt": 50.0, "btag": 0.1, "flavour": 0}]])
    factor = systematics.weight("btagLF_up", {"event": np.arange(2)}, jets, detector.MEDIUM)
    assert factor[0] == pytest.approx(1.15)
    assert factor[1] == pytest.approx((1 - 0.012 * 1.15) / (1 - 0.012))


def test_neutrino_gives_the_w_mass_back() -> None:
    rng = np.random.default_rng(3)
    flavour, present = simulation.draw_flavours("ttlf", 300, rng)
    hard = simulation.generate("ttlf", flavour.astype(int), present, rng)
    solutions = reconstruction.neutrino(hard.lepton, np.asarray(hard.neutrino.px), np.asarray(hard.neutrino.py))
    real = solutions[0].pz != solutions[1].pz
    masses = np.asarray((hard.lepton + solutions[0]).mass)[real]
    assert real.mean() > 0.4
    assert masses == pytest.approx(simulation.MASS_W, abs=0.05)
    distance = np.minimum(*(abs(np.asarray(s.pz - hard.neutrino.pz)) for s in solutions))
    assert np.median(distance) < 15.0


def test_perfect_jets_are_assigned_rightly() -> None:
    """Partons as jets: the Higgs candidate is the Higgs boson."""
    rng = np.random.default_rng(4)
    flavour, present = simulation.draw_flavours("ttH", 400, rng)
    present[:, 6:] = False
    hard = simulation.generate("ttH", flavour.astype(int), present, rng)
    partons = hard.partons[:, :6]
    fields = {
        name: ak.from_regular(ak.Array(np.asarray(getattr(partons, name)))) for name in ("pt", "eta", "phi", "mass")
    }
    btag = ak.from_regular(ak.Array(np.where(flavour[:, :6] == 5, 0.9, 0.1)))
    columns = {
        "event": np.arange(400),
        "met_pt": np.asarray(hard.neutrino.pt),
        "met_phi": np.asarray(hard.neutrino.phi),
        **{f"lepton_{name}": np.asarray(getattr(hard.lepton, name)) for name in ("pt", "eta", "phi", "mass")},
    }
    events = selection.Selected(ak.zip({**fields, "btag": btag}), columns, {"working_point": 0.3})
    _, found = reconstruction.reconstruct(events)
    right = abs(found["higgs_mass"] - simulation.MASS_HIGGS) < 0.01
    assert right.mean() > 0.85, "the rest has a W boson off its pole and thus a wrong neutrino"
    top = abs(found["top_hadronic_mass"] - np.asarray(hard.tops[0].mass)) < 0.01
    assert top[right].mean() > 0.95, "the rest has the b jets of the top quarks exchanged"


def test_reconstructed_masses_peak_where_they_should(selected: selection.Selected) -> None:
    _, found = reconstruction.reconstruct(selected)
    good = found["chi2"] < 4
    assert np.median(found["top_hadronic_mass"][good]) == pytest.approx(172.5, abs=4)
    assert np.median(found["top_leptonic_mass"][good]) == pytest.approx(172.5, abs=4)
    counts, edges = np.histogram(found["higgs_mass"][good], bins=np.arange(20, 320, 20))
    assert edges[counts.argmax()] in (100.0, 120.0)


def test_skims_and_reconstruction_survive_their_files(selected: selection.Selected, tmp_path: Path) -> None:
    for name in ("a.root", "b.root"):
        selection.write(selected, str(tmp_path / name))
    merged = selection.load([str(tmp_path / name) for name in ("a.root", "b.root")])
    assert len(merged.columns["event"]) == 2 * len(selected.columns["event"])
    assert merged.counts["sum_of_weights"] == pytest.approx(2 * selected.counts["sum_of_weights"])
    assert merged.counts["working_point"] == selected.counts["working_point"]
    reconstruction.write(*reconstruction.reconstruct(merged), str(tmp_path / "reconstructed.root"))
    made = histograms.make("ttH125", shifts.NOMINAL, str(tmp_path / "reconstructed.root"))
    expected = datasets.TTH.cross_section * datasets.LUMINOSITY * len(selected.columns["event"])
    total = sum(made[f"{region}/jets/ttH"].sum(flow=True).value for region in REGIONS)
    assert total == pytest.approx(expected / selected.counts["sum_of_weights"], rel=1e-6)
    histograms.write(made, str(tmp_path / "histograms.root"))
    again = histograms.load(str(tmp_path / "histograms.root"), "good", "ht")["ttH"]
    assert np.array_equal(again.values(flow=True), made["good/ht/ttH"].values(flow=True))
    assert np.array_equal(again.variances(flow=True), made["good/ht/ttH"].variances(flow=True))


def _templates(data: np.ndarray | None = None) -> templates.Templates:
    """Ten bins: flat backgrounds, a peaking signal, one source that tilts all of it."""
    background = np.full((3, 10), 100.0)
    peak = np.array([0, 0, 1, 6, 20, 20, 6, 1, 0, 0.0])
    nominal = np.concatenate([background, peak[np.newaxis]])
    tilt = np.linspace(-0.05, 0.05, 10)
    moved = dict.fromkeys(shifts.SOURCES, (nominal, nominal))
    moved["JER"] = (nominal * (1 + tilt), nominal * (1 - tilt))
    return templates.Templates(
        edges=np.linspace(0, 10, 11),
        nominal=nominal,
        variance=np.full(10, 4.0),
        shifted=moved,
        data=nominal.sum(axis=0) if data is None else data,
    )


def test_fit_finds_the_signal_that_is_there() -> None:
    result = fit.fit({"one": _templates()})
    assert result.mu == pytest.approx(1.0, abs=0.01)
    assert result.goodness == pytest.approx(0.0, abs=0.01)
    assert result.significance == pytest.approx(result.expected_significance, rel=0.01)
    assert result.error_statistical < result.error_up
    assert result == fit.FitResult.from_json(result.to_json())
    expected = _templates().nominal
    double = fit.fit({"one": _templates(expected.sum(axis=0) + expected[3])})
    assert double.mu == pytest.approx(2.0, abs=0.1)
    tilted = fit.fit({"one": _templates(_templates().shifted["JER"][0].sum(axis=0))})
    assert {pull.name: pull.value for pull in tilted.pulls}["JER"] == pytest.approx(1.0, abs=0.3)


def test_morphing_meets_its_templates() -> None:
    one = _templates()
    likelihood = fit.Likelihood({"one": one})
    for sign, template in ((1.0, one.shifted["JER"][0]), (-1.0, one.shifted["JER"][1])):
        nuisances = np.zeros(len(likelihood.names))
        nuisances[likelihood.names.index("JER")] = sign
        assert likelihood.expected(1.0, nuisances) == pytest.approx(template.sum(axis=0))


def test_poisson_errors_are_garwood_intervals() -> None:
    from physics import plotting

    down, up = plotting.poisson_errors(np.array([0.0, 1.0, 10.0]))
    assert down == pytest.approx([0.0, 0.83, 3.11], abs=0.02)
    assert up == pytest.approx([1.84, 2.30, 4.27], abs=0.02)


@pytest.mark.parametrize(
    "shift", [shifts.NOMINAL, "JESAbsolute_up", "JER_down", "METUnclustered_up", "LeptonScale_down"]
)
def test_open_data_go_through_selection_and_reconstruction(
    open_data: nanoaod.Sample, shift: str, tmp_path: Path
) -> None:
    assert not open_data.is_data
    assert open_data.tagger == "Jet_btagCSVV2"
    assert len(open_data.events["event"]) == 200
    skim = selection.select(open_data, shift, selection.CUTS["loose"])
    assert skim.counts["read"] == 200
    assert skim.counts["lepton"] >= 10
    assert len(skim.columns["event"]) >= 1
    selection.write(skim, str(tmp_path / "skim.root"))
    events, found = reconstruction.reconstruct(selection.load([str(tmp_path / "skim.root")]))
    assert set(found) == set(reconstruction.OBSERVABLES)
    assert all(np.isfinite(values).all() for values in found.values())
    assert (found["w_mass"] > 0).all()
    assert (found["higgs_mass"] > 0).all()
    reconstruction.write(events, found, str(tmp_path / "reconstructed.root"))
    made = histograms.make("ttJets", "muR_up", str(tmp_path / "reconstructed.root"))
    assert len(made) == len(REGIONS) * len(VARIABLES) * 3


def test_open_data_have_the_weights_of_scale_variations(open_data: nanoaod.Sample) -> None:
    up, down = open_data.events["w_muR_up"], open_data.events["w_muR_down"]
    assert up.mean() < 1 < down.mean()
    assert (open_data.events["w_ISR_up"] == 1).all(), "the file has a dummy in the place of shower weights"
    assert set(open_data.events["genTtbarId"] % 100) & {41, 42, 51}


def test_the_signal_selection_may_leave_nothing(open_data: nanoaod.Sample, tmp_path: Path) -> None:
    skim = selection.select(open_data, shifts.NOMINAL, selection.CUTS["signal"])
    assert len(skim.columns["event"]) == 0
    selection.write(skim, str(tmp_path / "skim.root"))
    loaded = selection.load([str(tmp_path / "skim.root")])
    reconstruction.write(*reconstruction.reconstruct(loaded), str(tmp_path / "none.root"))
    made = histograms.make("ttJets", "pileup_up", str(tmp_path / "none.root"))
    assert all(h.sum(flow=True).value == 0 for h in made.values())


def test_compare_tells_equal_from_different(selected: selection.Selected, tmp_path: Path) -> None:
    selection.write(selected, str(tmp_path / "skim.root"))
    reconstructed = str(tmp_path / "reconstructed.root")
    reconstruction.write(*reconstruction.reconstruct(selection.load([str(tmp_path / "skim.root")])), reconstructed)
    for folder, shift in (("a", "nominal"), ("b", "nominal"), ("c", "muF_up")):
        (tmp_path / folder / "toy" / "histograms" / "ttH125").mkdir(parents=True)
        path = tmp_path / folder / "toy" / "histograms" / "ttH125" / "nominal.root"
        histograms.write(histograms.make("ttH125", shift, reconstructed), str(path))

    def compare(first: str, second: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(TTH / "compare.py"), str(tmp_path / first), str(tmp_path / second)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert compare("a", "b").returncode == 0
    different = compare("a", "c")
    assert different.returncode == 1
    assert "good/ht/ttH: values differ" in different.stdout
    (tmp_path / "b" / "toy" / "histograms" / "ttH125" / "nominal.root").unlink()
    assert compare("a", "b").returncode == 1
    assert compare("a", "nowhere").returncode == 2


def test_steering_imports_no_physics_library() -> None:
    """What keeps a second run, which finds everything done, quick."""
    heavy = ("numpy", "awkward", "uproot", "vector", "matplotlib")
    program = (
        f"import sys; sys.path.insert(0, {str(TTH)!r})\n"
        "from physics import datasets, shifts, variables\nimport paths\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"
