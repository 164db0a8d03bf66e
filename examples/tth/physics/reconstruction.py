"""Finds out which jet came from where: t -> b q q', t -> b l nu, and what is left is the Higgs candidate.

The four jets that look most like b jets take the places of the four b quarks, the hardest of the others those of the
W boson. chi2 compares the masses of the W boson and of both top quarks with what is expected; the Higgs boson's mass is
not in it, so that the background does not peak there by construction.
"""

from __future__ import annotations

import math
from typing import Any

import awkward as ak
import numpy as np
import numpy.typing as npt
import uproot
import vector

from .selection import Selected, subset
from .simulation import MASS_W, Floats, Momenta

EXPECTED_W, WIDTH_W = 80.5, 10.5
EXPECTED_HADRONIC, WIDTH_HADRONIC = 172.5, 18.0
EXPECTED_LEPTONIC, WIDTH_LEPTONIC = 172.5, 24.0
"""Masses and resolutions in GeV of rightly assigned jets, from the toy."""

B_JETS = 4
LIGHT_JETS = 4
PAIRS = np.array([(i, j) for i in range(LIGHT_JETS) for j in range(i + 1, LIGHT_JETS)])
OTHERS = np.array(
    [
        [[i for i in range(B_JETS) if i not in (hadronic, leptonic)][:2] for leptonic in range(B_JETS)]
        for hadronic in range(B_JETS)
    ]
)
"""The two b places that remain for the Higgs boson, by those that the hadronic and the leptonic top quark take."""

OBSERVABLES = (
    "higgs_mass", "higgs_pt", "higgs_dr", "top_hadronic_mass", "top_leptonic_mass", "w_mass", "chi2", "ht", "jets",
    "btags", "fourth_btag", "lepton_pt", "met_pt",
)  # fmt: skip


def neutrino(lepton: Momenta, met_x: Floats, met_y: Floats) -> tuple[Momenta, Momenta]:
    """Both neutrinos that make a W boson of nominal mass with the lepton; the real part where there is none."""
    half = 0.5 * MASS_W**2 + lepton.px * met_x + lepton.py * met_y
    pt2 = lepton.pt**2
    met2 = met_x**2 + met_y**2
    discriminant = half**2 - pt2 * met2
    root = lepton.E * np.sqrt(np.maximum(discriminant, 0.0))
    solutions = []
    for sign in (-1, 1):
        pz = (half * lepton.pz + sign * root) / pt2
        solutions.append(vector.array({"px": met_x, "py": met_y, "pz": pz, "E": np.sqrt(met2 + pz**2)}))
    return solutions[0], solutions[1]


def reconstruct(selected: Selected) -> tuple[Selected, dict[str, Floats]]:
    """Events with at least six jets and their observables, named in `OBSERVABLES`; masses in GeV."""
    selected = subset(selected, ak.to_numpy(ak.num(selected.jets) >= B_JETS + 2))
    jets, columns = selected.jets, selected.columns
    n = len(columns["event"])
    by_tag = jets[ak.argsort(jets.btag, axis=1, ascending=False, stable=True)]
    rest = by_tag[:, B_JETS:]
    light_jets = rest[ak.argsort(rest.pt, axis=1, ascending=False, stable=True)]
    b, light = _momenta(by_tag, B_JETS), _momenta(light_jets, LIGHT_JETS)
    there = np.arange(LIGHT_JETS) < ak.to_numpy(ak.num(light_jets))[:, np.newaxis]

    w = light[:, PAIRS[:, 0]] + light[:, PAIRS[:, 1]]
    top = w[:, :, np.newaxis] + b[:, np.newaxis, :]
    w_mass, top_mass = np.asarray(w.mass), np.asarray(top.mass)
    hadronic = _pull(w_mass, EXPECTED_W, WIDTH_W)[:, :, np.newaxis] + _pull(top_mass, EXPECTED_HADRONIC, WIDTH_HADRONIC)
    hadronic[~(there[:, PAIRS[:, 0]] & there[:, PAIRS[:, 1]])] = math.inf
    leptonic_mass = _leptonic_masses(columns, b)
    leptonic = _pull(leptonic_mass, EXPECTED_LEPTONIC, WIDTH_LEPTONIC)

    row = np.arange(n)
    pair, solution = hadronic.argmin(axis=1), leptonic.argmin(axis=1)
    chi2 = hadronic.min(axis=1)[:, :, np.newaxis] + leptonic.min(axis=1)[:, np.newaxis, :]
    chi2[:, range(B_JETS), range(B_JETS)] = math.inf
    best_h, best_l = np.divmod(chi2.reshape(n, B_JETS * B_JETS).argmin(axis=1), B_JETS)
    best_pair = pair[row, best_h]
    first, second = (b[row, OTHERS[best_h, best_l, place]] for place in (0, 1))
    higgs = first + second
    return selected, {
        "higgs_mass": np.asarray(higgs.mass),
        "higgs_pt": np.asarray(higgs.pt),
        "higgs_dr": np.asarray(first.deltaR(second)),
        "top_hadronic_mass": top_mass[row, best_pair, best_h],
        "top_leptonic_mass": leptonic_mass[row, solution[row, best_l], best_l],
        "w_mass": w_mass[row, best_pair],
        "chi2": chi2[row, best_h, best_l],
        "ht": ak.to_numpy(ak.sum(jets.pt, axis=1)),
        "jets": ak.to_numpy(ak.num(jets)),
        "btags": ak.to_numpy(ak.sum(jets.btag > selected.counts["working_point"], axis=1)),
        "fourth_btag": ak.to_numpy(by_tag.btag[:, B_JETS - 1]),
        "lepton_pt": columns["lepton_pt"],
        "met_pt": columns["met_pt"],
    }


def _leptonic_masses(columns: dict[str, npt.NDArray[Any]], b: Momenta) -> Floats:
    """Masses of b l nu, shape (events, neutrino solutions, b jets)."""
    lepton = vector.array({name: columns[f"lepton_{name}"].astype(float) for name in ("pt", "eta", "phi", "mass")})
    met, phi = columns["met_pt"].astype(float), columns["met_phi"]
    w_bosons = [lepton + nu for nu in neutrino(lepton, met * np.cos(phi), met * np.sin(phi))]
    return np.stack([np.asarray((w[:, np.newaxis] + b).mass) for w in w_bosons], axis=1)


def _momenta(jets: ak.Array, count: int) -> Momenta:
    """The first `count` jets of each event, shape (events, count); missing ones have no momentum."""
    columns = {
        name: ak.to_numpy(ak.fill_none(ak.pad_none(jets[name], count, clip=True), 0.0)).astype(float)
        for name in ("pt", "eta", "phi", "mass")
    }
    return vector.array(columns).to_xyzt()


def _pull(mass: Floats, expected: float, width: float) -> Floats:
    return ((mass - expected) / width) ** 2


def write(selected: Selected, observables: dict[str, Floats], path: str) -> None:
    """Writes trees `Events` (observables, event columns, jets as far as weights need them) and `Counts`."""
    with uproot.recreate(path, compression=uproot.LZ4(1)) as file:
        tree: dict[str, Any] = {name: values for name, values in selected.columns.items() if name not in observables}
        tree.update({name: values.astype(np.float32) for name, values in observables.items()})
        tree["Jet"] = selected.jets[["pt", "btag", "flavour"]]
        file.mktree("Events", {n: a.type.content if isinstance(a, ak.Array) else a.dtype for n, a in tree.items()})
        file["Events"].extend(tree)
        counts = {name: np.array([value]) for name, value in selected.counts.items()}
        file.mktree("Counts", {name: array.dtype for name, array in counts.items()})
        file["Counts"].extend(counts)


def load(path: str) -> tuple[dict[str, npt.NDArray[Any]], ak.Array, dict[str, float]]:
    """Columns with the observables, jets and counts of a file that `write` made."""
    with uproot.open(path) as file:
        arrays = file["Events"].arrays(how=dict)
        jets = ak.zip({name: arrays.pop(f"Jet_{name}") for name in ("pt", "btag", "flavour")})
        arrays.pop("nJet")
        counts = {name: float(values[0]) for name, values in file["Counts"].arrays(how=dict).items()}
    return {name: ak.to_numpy(values) for name, values in arrays.items()}, jets, counts
