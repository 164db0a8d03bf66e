"""Selects lepton+jets events: one isolated lepton, many jets, some of them b-tagged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import awkward as ak
import numpy as np
import numpy.typing as npt
import uproot

from .nanoaod import Sample
from .systematics import shift_objects


@dataclass(frozen=True)
class Cuts:
    """Thresholds; momenta in GeV."""

    muon_pt: float = 29.0
    electron_pt: float = 30.0
    veto_pt: float = 15.0
    """Events with a second, loosely identified lepton above this are left to the dilepton channel."""
    jet_pt: float = 30.0
    eta: float = 2.4
    jet_distance: float = 0.4
    """Jets nearer to the lepton than this (in Delta R) are the lepton."""
    jets: int = 6
    btags: int = 4
    met: float = 20.0


CUTS = {
    "signal": Cuts(),
    "loose": Cuts(muon_pt=5.0, electron_pt=10.0, veto_pt=30.0, jet_pt=15.0, jets=6, btags=0, met=0.0),
}
"""Selections by name. `loose` is for a look at small samples."""


@dataclass(frozen=True)
class Selected:
    """Events that passed."""

    jets: ak.Array
    """pt, eta, phi, mass, btag, flavour, sorted by falling pt."""
    columns: dict[str, npt.NDArray[Any]]
    """Flat: lepton_pt, lepton_eta, lepton_phi, lepton_mass, lepton_id, met_pt, met_phi and the sample's own."""
    counts: dict[str, float]
    """sum_of_weights, working_point, and events after each step: read, lepton, jets, btags."""


def select(sample: Sample, shift: str, cuts: Cuts) -> Selected:
    """Applies an object-level `shift`, then the cuts."""
    sample = shift_objects(sample, shift)
    muons = _near(sample.muons, cuts.veto_pt, cuts.eta)
    electrons = _near(sample.electrons, cuts.veto_pt, cuts.eta)
    leptons = ak.concatenate(
        [
            _leptons(muons[muons.tight & (muons.pt > cuts.muon_pt)], 13),
            _leptons(electrons[electrons.tight & (electrons.pt > cuts.electron_pt)], 11),
        ],
        axis=1,
    )
    loose = ak.sum(muons.loose, axis=1) + ak.sum(electrons.loose, axis=1)
    tight_above_veto = ak.sum(leptons.pt > cuts.veto_pt, axis=1)
    one_lepton = (ak.num(leptons) == 1) & (loose <= tight_above_veto) & (sample.events["MET_pt"] > cuts.met)
    lepton = ak.firsts(leptons)

    jets = sample.jets
    phi = (jets.phi - lepton.phi + np.pi) % (2 * np.pi) - np.pi
    apart = np.hypot(jets.eta - lepton.eta, phi) > cuts.jet_distance
    good = (jets.pt > cuts.jet_pt) & (abs(jets.eta) < cuts.eta) & (jets.jetId >= 2) & ak.fill_none(apart, True, axis=0)
    jets = jets[ak.fill_none(good, False)]
    enough_jets = one_lepton & (ak.num(jets) >= cuts.jets)
    tagged = ak.sum(jets.btag > sample.working_point, axis=1)
    passed = ak.to_numpy(enough_jets & (tagged >= cuts.btags))

    chosen = jets[passed]
    chosen = chosen[ak.argsort(chosen.pt, axis=1, ascending=False)]
    return Selected(
        jets=ak.zip({name: chosen[name] for name in ("pt", "eta", "phi", "mass", "btag", "flavour")}),
        columns=_columns(sample, lepton, passed),
        counts={
            "sum_of_weights": sample.sum_of_weights,
            "working_point": sample.working_point,
            "read": len(passed),
            "lepton": int(ak.sum(one_lepton)),
            "jets": int(ak.sum(enough_jets)),
            "btags": int(passed.sum()),
        },
    )


def _near(particles: ak.Array, pt: float, eta: float) -> ak.Array:
    """Candidates within the tracker; the lowest threshold of a lepton may be below that of the veto."""
    return particles[(abs(particles.eta) < eta) & ((particles.pt > pt) | particles.tight)]


def _leptons(particles: ak.Array, number: int) -> ak.Array:
    fields = {name: particles[name] for name in ("pt", "eta", "phi", "mass")}
    return ak.zip({**fields, "id": -number * particles.charge})


def _columns(sample: Sample, lepton: ak.Array, passed: npt.NDArray[np.bool_]) -> dict[str, npt.NDArray[Any]]:
    columns = {name: values[passed] for name, values in sample.events.items() if not name.startswith("MET_")}
    columns["met_pt"] = sample.events["MET_pt"][passed]
    columns["met_phi"] = sample.events["MET_phi"][passed]
    kept = lepton[passed]
    for name in ("pt", "eta", "phi", "mass", "id"):
        columns[f"lepton_{name}"] = ak.to_numpy(ak.fill_none(kept[name], 0))
    return columns


def write(selected: Selected, path: str) -> None:
    """Writes trees `Events` and `Counts`."""
    with uproot.recreate(path, compression=uproot.LZ4(1)) as file:
        tree: dict[str, Any] = {name: _narrow(values) for name, values in selected.columns.items()}
        tree["Jet"] = ak.values_astype(selected.jets, np.float32)
        kinds = {name: a.type.content if isinstance(a, ak.Array) else a.dtype for name, a in tree.items()}
        file.mktree("Events", kinds)
        file["Events"].extend(tree)
        counts = {name: np.array([value], dtype=np.float64) for name, value in selected.counts.items()}
        file.mktree("Counts", {name: array.dtype for name, array in counts.items()})
        file["Counts"].extend(counts)


def _narrow(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return values.astype(np.float32) if values.dtype.kind == "f" else values


def load(paths: list[str]) -> Selected:
    """Reads files that `write` made, in their order, as one; all must have the same working point."""
    jets, columns, counts = [], [], []
    for path in paths:
        with uproot.open(path) as file:
            tree = file["Events"]
            arrays = tree.arrays(how=dict)
            jets.append(
                ak.zip({name: arrays.pop(f"Jet_{name}") for name in ("pt", "eta", "phi", "mass", "btag", "flavour")})
            )
            arrays.pop("nJet")
            columns.append({name: ak.to_numpy(values) for name, values in arrays.items()})
            counts.append({name: float(values[0]) for name, values in file["Counts"].arrays(how=dict).items()})
    if len({each["working_point"] for each in counts}) > 1:
        raise ValueError(f"files of one dataset differ in their b tagger: {', '.join(paths)}")
    total = {name: sum(each[name] for each in counts) for name in counts[0]}
    total["working_point"] = counts[0]["working_point"]
    merged = {name: np.concatenate([each[name] for each in columns]) for name in columns[0]}
    return Selected(ak.concatenate(jets), merged, total)


def subset(selected: Selected, chosen: npt.NDArray[np.bool_]) -> Selected:
    """The chosen events; counts stay."""
    columns = {name: values[chosen] for name, values in selected.columns.items()}
    return replace(selected, jets=selected.jets[chosen], columns=columns)
