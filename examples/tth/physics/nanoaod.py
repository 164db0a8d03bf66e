"""Reads NanoAOD, the toy's and the real one, into one layout.

Branch names differ between campaigns: b taggers come and go, isolation has two cones, simulation has branches that data
lacks. Whoever reads a `Sample` need not know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import awkward as ak
import numpy as np
import numpy.typing as npt
import uproot

TAGGERS = {"Jet_btagDeepFlavB": 0.2783, "Jet_btagDeepB": 0.4168, "Jet_btagCSVV2": 0.8000}
"""b-tag discriminants, best first, with CMS' medium working points (2018; CSVv2: 2015, 76X)."""

LAST_COPY = 1 << 13
"""Bit of GenPart_statusFlags: the particle as it decays."""

_SCALE_INDEX = {"muR_down": 1, "muF_down": 3, "muF_up": 5, "muR_up": 7}
"""Position in LHEScaleWeight of nine, (muR, muF) from (0.5, 0.5) to (2, 2) with muF running first."""
_SHOWER_INDEX = {"ISR_up": 0, "FSR_up": 1, "ISR_down": 2, "FSR_down": 3}
"""Position in PSWeight, NanoAOD v9."""

THEORY_WEIGHTS = (*_SCALE_INDEX, *_SHOWER_INDEX)

_THEORY = ("LHEScaleWeight", "PSWeight", "GenPart_pt", "GenPart_pdgId", "GenPart_statusFlags")
_FLAT = (
    "run", "luminosityBlock", "event", "MET_pt", "MET_phi", "MET_MetUnclustEnUpDeltaX", "MET_MetUnclustEnUpDeltaY",
    "genWeight", "genTtbarId", "Pileup_nTrueInt",
)  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """One file. Jagged arrays have fields named below; energies in GeV."""

    jets: ak.Array
    """pt, eta, phi, mass, btag, jetId, flavour (hadron flavour, 0 in data), genPt (0 where unmatched)."""
    muons: ak.Array
    """pt, eta, phi, mass, charge, iso, tight, loose."""
    electrons: ak.Array
    """pt, eta, phi, mass, charge, tight, loose."""
    events: dict[str, npt.NDArray[Any]]
    """Flat columns: run, luminosityBlock, event, MET_…; for simulation genWeight, genTtbarId, nTrueInt, topPt1, topPt2
    and one `w_<shift>` for each of `THEORY_WEIGHTS`."""
    tagger: str
    working_point: float
    sum_of_weights: float
    """Of all events that were generated, also those a filter or skim removed; 0 for data."""

    @property
    def is_data(self) -> bool:
        return "genWeight" not in self.events


def read(path: str, theory: bool = True) -> Sample:
    """Reads the file at `path`; raises KeyError that names what a file lacks to be NanoAOD.

    `theory`: also what the weights of shifts are made from; shifted selections do without (no effect, weight one).
    """
    with uproot.open(path) as file:
        tree = file["Events"]
        there = set(tree.keys())
        tagger = _tagger(tree, there)
        names = (*_FLAT, *_jagged_names(tagger), *(_THEORY if theory else ()))
        wanted = [name for name in names if name in there]
        arrays = dict(zip(wanted, tree.arrays(wanted, how=tuple), strict=True))
        sum_of_weights = _sum_of_weights(file, arrays)
        reversed_shower = "[0] is ISR=0.5" in tree["PSWeight"].title if "PSWeight" in there else False
    events: dict[str, npt.NDArray[Any]] = {name: ak.to_numpy(arrays[name]) for name in _FLAT if name in arrays}
    if "genWeight" in events:
        events.update(_generator(arrays, len(events["event"]), reversed_shower))
    return Sample(
        jets=_jets(arrays, tagger),
        muons=_muons(arrays),
        electrons=_electrons(arrays),
        events=events,
        tagger=tagger,
        working_point=TAGGERS[tagger],
        sum_of_weights=sum_of_weights,
    )


def _jagged_names(tagger: str) -> list[str]:
    names = [tagger, *(f"Jet_{name}" for name in ("pt", "eta", "phi", "mass", "jetId", "hadronFlavour", "genJetIdx"))]
    for kind in ("Muon", "Electron"):
        names += [f"{kind}_{name}" for name in ("pt", "eta", "phi", "mass", "charge")]
    return names + ["Muon_pfRelIso04_all", "Muon_tightId", "Electron_cutBased", "GenJet_pt"]


def _tagger(tree: Any, there: set[str]) -> str:
    """The best b tagger that was really run: campaigns that lack one fill its branch with negative numbers."""
    for name in TAGGERS:
        if name in there and ak.any(tree[name].array(entry_stop=1000) > 0):
            return name
    for name in TAGGERS:
        if name in there:
            return name
    raise KeyError(f"no b-tag discriminant in {tree.file.file_path}: looked for {', '.join(TAGGERS)}")


def _sum_of_weights(file: Any, arrays: dict[str, ak.Array]) -> float:
    """From tree `Runs`, which counts events before filters; a skim without it counts what it has."""
    if "genWeight" not in arrays:
        return 0.0
    if "Runs" in file and "genEventSumw" in file["Runs"]:
        return float(ak.sum(file["Runs"]["genEventSumw"].array()))
    return float(ak.sum(arrays["genWeight"], axis=None))


def _jets(arrays: dict[str, ak.Array], tagger: str) -> ak.Array:
    pt = arrays["Jet_pt"]
    none = ak.zeros_like(pt)
    matched = none
    if "Jet_genJetIdx" in arrays and "GenJet_pt" in arrays:
        index = arrays["Jet_genJetIdx"]
        # Padding gives every event one generated jet to point at; unmatched jets (-1) are masked right after.
        gen = ak.fill_none(ak.pad_none(arrays["GenJet_pt"], 1), 0.0)
        good = (index >= 0) & (index < ak.num(gen))
        matched = ak.where(good, gen[ak.where(good, index, 0)], 0.0)
    fields = {name: arrays[f"Jet_{name}"] for name in ("pt", "eta", "phi", "mass", "jetId")}
    btag = ak.where(arrays[tagger] > 0, arrays[tagger], 0.0)
    flavour = abs(arrays["Jet_hadronFlavour"]) if "Jet_hadronFlavour" in arrays else none
    return ak.zip({**fields, "btag": btag, "flavour": flavour, "genPt": matched})


def _muons(arrays: dict[str, ak.Array]) -> ak.Array:
    fields = {name: arrays[f"Muon_{name}"] for name in ("pt", "eta", "phi", "mass", "charge")}
    iso, identified = arrays["Muon_pfRelIso04_all"], arrays["Muon_tightId"]
    return ak.zip({**fields, "tight": identified & (iso < 0.15), "loose": identified & (iso < 0.25)})


def _electrons(arrays: dict[str, ak.Array]) -> ak.Array:
    """The cut-based identification has the isolation in it."""
    fields = {name: arrays[f"Electron_{name}"] for name in ("pt", "eta", "phi", "mass", "charge")}
    level, eta = arrays["Electron_cutBased"], abs(arrays["Electron_eta"])
    gap = (eta > 1.4442) & (eta < 1.5660)
    return ak.zip({**fields, "tight": (level >= 4) & ~gap, "loose": (level >= 1) & ~gap})


def _generator(arrays: dict[str, ak.Array], n: int, reversed_shower: bool) -> dict[str, npt.NDArray[Any]]:
    """Columns that the weights of shifts are made from; what a file lacks has no effect (weight one)."""
    columns: dict[str, npt.NDArray[Any]] = {
        "genTtbarId": ak.to_numpy(arrays["genTtbarId"]) if "genTtbarId" in arrays else np.zeros(n, np.int32),
        "nTrueInt": ak.to_numpy(arrays["Pileup_nTrueInt"]) if "Pileup_nTrueInt" in arrays else np.full(n, -1.0),
    }
    columns.update(_indexed(arrays.get("LHEScaleWeight"), _SCALE_INDEX, 9, n))
    shower = {name: (index + 2) % 4 for name, index in _SHOWER_INDEX.items()} if reversed_shower else _SHOWER_INDEX
    columns.update(_indexed(arrays.get("PSWeight"), shower, 4, n))
    tops = ak.Array(np.zeros((n, 0)))
    if "GenPart_statusFlags" in arrays:
        chosen = (abs(arrays["GenPart_pdgId"]) == 6) & ((arrays["GenPart_statusFlags"] & LAST_COPY) != 0)
        tops = arrays["GenPart_pt"][chosen]
    padded = ak.to_numpy(ak.fill_none(ak.pad_none(tops, 2, clip=True), -1.0))
    return {**columns, "topPt1": padded[:, 0], "topPt2": padded[:, 1]}


def _indexed(weights: ak.Array | None, indices: dict[str, int], length: int, n: int) -> dict[str, npt.NDArray[Any]]:
    if weights is None or n == 0 or ak.any(ak.num(weights) != length):
        return {f"w_{name}": np.ones(n) for name in indices}
    table = ak.to_numpy(weights)
    return {f"w_{name}": table[:, index] for name, index in indices.items()}
