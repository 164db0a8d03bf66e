"""The toy's detector: partons and leptons become NanoAOD objects.

Energies in GeV. Jets have resolutions, masses and b-tag discriminants of a typical LHC detector; overlapping partons
merge into one jet; what is mismeasured shows up in the missing transverse momentum.
"""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
import numpy.typing as npt

from .simulation import Floats, Hard

RADIUS = 0.4
"""Cone of a jet: partons nearer than this merge."""
MEDIUM = 0.2783
"""Medium working point of the toy's b tag, that of DeepJet in 2018."""
_LOGIT = {5: (0.41, 2.6), 4: (-2.82, 1.8)}
_LOGIT_LIGHT = (-4.23, 1.45)
"""Mean and width of the discriminant's logit: efficiency at `MEDIUM` 70 % for b, 15 % for c, 1.2 % for other jets."""


def draw_discriminants(flavour: npt.NDArray[np.integer], rng: np.random.Generator) -> Floats:
    """b-tag discriminants between 0 and 1 for partons of the given flavours."""
    logit = rng.standard_normal(flavour.shape, dtype=np.float32) * _LOGIT_LIGHT[1] + _LOGIT_LIGHT[0]
    for number, (mean, width) in _LOGIT.items():
        chosen = flavour == number
        logit[chosen] = rng.standard_normal(int(chosen.sum()), dtype=np.float32) * width + mean
    return 1 / (1 + np.exp(-logit))


def resolution(pt: Floats) -> Floats:
    """Relative resolution of jet transverse momentum: noise, stochastic and constant term."""
    return np.sqrt((3.5 / pt) ** 2 + 0.75**2 / pt + 0.04**2)


def observe(hard: Hard, discriminant: Floats, rng: np.random.Generator) -> dict[str, Any]:
    """NanoAOD collections and values of the events, keyed by collection or branch name."""
    n = len(hard.flavour)
    jets, loss = _jets(hard, discriminant, rng)
    lepton_pt = np.asarray(hard.lepton.pt) * rng.normal(1.0, np.where(abs(hard.lepton_id) == 11, 0.017, 0.012))
    lepton_eta, lepton_phi = np.asarray(hard.lepton.eta), np.asarray(hard.lepton.phi)
    visible_x = (jets["pt"] * np.cos(jets["phi"])).sum(axis=1) + lepton_pt * np.cos(lepton_phi)
    visible_y = (jets["pt"] * np.sin(jets["phi"])).sum(axis=1) + lepton_pt * np.sin(lepton_phi)
    pileup = np.clip(rng.normal(32.0, 9.0, n), 5, 80)
    soft = np.sqrt(40.0 + 3.0 * pileup)
    met_x, met_y = (-v + rng.normal(0, soft) for v in (visible_x, visible_y))
    shift_phi = rng.uniform(-np.pi, np.pi, n)
    shift = abs(rng.normal(0, 0.35, n)) * soft
    muons, electrons = _leptons(hard, lepton_pt, lepton_eta, lepton_phi, jets, loss, rng)
    accepted = (jets["pt"] > 15.0) & (abs(jets["eta"]) < 4.7)
    order = np.argsort(np.where(accepted, -jets["pt"], np.inf), axis=1)
    counts = accepted.sum(axis=1)
    listed = {name: _jagged(np.take_along_axis(values, order, axis=1), counts) for name, values in jets.items()}
    gen = {name: listed.pop(f"gen_{name}") for name in ("pt", "eta", "phi", "mass")}
    return {
        "Jet": {**listed, "genJetIdx": ak.local_index(listed["pt"], axis=1)},
        "GenJet": gen,
        "Muon": muons,
        "Electron": electrons,
        "MET_pt": np.hypot(met_x, met_y),
        "MET_phi": np.arctan2(met_y, met_x),
        "MET_MetUnclustEnUpDeltaX": shift * np.cos(shift_phi),
        "MET_MetUnclustEnUpDeltaY": shift * np.sin(shift_phi),
        "Pileup_nTrueInt": pileup,
        "PV_npvsGood": np.maximum(rng.poisson(0.7 * pileup), 1),
    }


def _jets(hard: Hard, discriminant: Floats, rng: np.random.Generator) -> tuple[dict[str, Any], Floats]:
    """Jets in slots (absent ones have no momentum) and the part of each parton that neutrinos carried away."""
    shape = hard.flavour.shape
    px, py, pz, energy = (np.where(hard.present, hard.partons[name], 0.0) for name in ("px", "py", "pz", "E"))
    tag = np.where(hard.present, discriminant, 0.0)
    flavour = np.where(hard.present, hard.flavour, 0)
    _merge(px, py, pz, energy, tag, flavour)
    gen_pt = np.hypot(px, py)
    there = gen_pt > 0
    safe = np.where(there, gen_pt, 1.0)
    eta, phi = np.where(there, np.arcsinh(pz / safe), 0.0), np.arctan2(py, px)
    semileptonic = (flavour == 5) & (rng.random(shape) < 0.35)
    loss = np.where(semileptonic, rng.beta(1.3, 6.0, shape), 0.0)
    response = np.where(flavour == 5, 1.035, 1.0) * np.maximum(1 + resolution(safe) * rng.normal(size=shape), 0.1)
    pt = gen_pt * (1 - loss) * response
    mass = pt * np.clip(rng.normal(0.13, 0.035, shape), 0.02, 0.4)
    jets = {
        "pt": pt,
        "eta": eta + rng.normal(0, 0.02, shape),
        "phi": _wrap(phi + rng.normal(0, 0.02, shape)),
        "mass": mass,
        "btagDeepFlavB": tag,
        "jetId": np.full(shape, 6),
        "puId": np.full(shape, 7),
        "hadronFlavour": np.where(flavour >= 4, flavour, 0) * (flavour <= 5),
        "gen_pt": gen_pt,
        "gen_eta": eta,
        "gen_phi": phi,
        "gen_mass": gen_pt * 0.12,
    }
    return jets, loss


def _merge(*columns: npt.NDArray[Any]) -> None:
    """Adds partons to harder ones nearer than `RADIUS`, in place: (px, py, pz, E, tag, flavour)."""
    px, py, pz, energy, tag, flavour = columns
    for keep in range(px.shape[1]):
        for gone in range(keep + 1, px.shape[1]):
            pt_keep, pt_gone = np.hypot(px[:, keep], py[:, keep]), np.hypot(px[:, gone], py[:, gone])
            there = (pt_keep > 0) & (pt_gone > 0)
            eta = np.arcsinh(pz[:, keep] / np.where(there, pt_keep, 1)) - np.arcsinh(
                pz[:, gone] / np.where(there, pt_gone, 1)
            )
            phi = _wrap(np.arctan2(py[:, keep], px[:, keep]) - np.arctan2(py[:, gone], px[:, gone]))
            near = there & (np.hypot(eta, phi) < RADIUS)
            for momentum in (px, py, pz, energy):
                momentum[near, keep] += momentum[near, gone]
                momentum[near, gone] = 0.0
            tag[near, keep] = np.maximum(tag[near, keep], tag[near, gone])
            flavour[near, keep] = _heavier(flavour[near, keep], flavour[near, gone])


def _heavier(first: npt.NDArray[np.integer], second: npt.NDArray[np.integer]) -> npt.NDArray[np.integer]:
    def rank(flavour: npt.NDArray[np.integer]) -> npt.NDArray[np.integer]:
        return np.where(flavour == 21, 0, flavour)

    return np.where(rank(second) > rank(first), second, first)


def _leptons(
    hard: Hard, pt: Floats, eta: Floats, phi: Floats, jets: dict[str, Any], loss: Floats, rng: np.random.Generator
) -> tuple[dict[str, ak.Array], dict[str, ak.Array]]:
    """The prompt lepton, plus muons inside semileptonic b jets, which are not isolated."""
    n = len(pt)
    prompt_muon = (abs(hard.lepton_id) == 13)[:, np.newaxis]
    seen = (pt > 5) & (abs(eta) < 2.4) & (rng.random(n) < 0.97)
    soft = (loss > 0) & (rng.random(loss.shape) < 0.45) & (abs(jets["eta"]) < 2.4)
    soft_pt = jets["gen_pt"] * rng.beta(1.5, 9.0, loss.shape)
    muon_there = np.concatenate([prompt_muon & seen[:, np.newaxis], soft & (soft_pt > 3)], axis=1)
    muon = {
        "pt": np.concatenate([pt[:, np.newaxis], soft_pt], axis=1),
        "eta": np.concatenate([eta[:, np.newaxis], jets["eta"]], axis=1),
        "phi": np.concatenate([phi[:, np.newaxis], jets["phi"]], axis=1),
        "charge": np.concatenate([-np.sign(hard.lepton_id)[:, np.newaxis], rng.choice([-1, 1], loss.shape)], axis=1),
        "pfRelIso04_all": np.concatenate(
            [rng.exponential(0.035, (n, 1)), 0.2 + rng.exponential(2.0, loss.shape)], axis=1
        ),
        "tightId": rng.random(muon_there.shape) < 0.96,
        "mass": np.full(muon_there.shape, 0.1057),
    }
    counts = muon_there.sum(axis=1)
    muons = {name: ak.unflatten(values[muon_there], counts) for name, values in muon.items()}
    electron_there = ~prompt_muon[:, 0] & seen
    electron = {
        "pt": pt,
        "eta": eta,
        "phi": phi,
        "charge": -np.sign(hard.lepton_id),
        "pfRelIso03_all": rng.exponential(0.03, n),
        "cutBased": np.where(rng.random(n) < 0.85, 4, 2),
        "mass": np.full(n, 0.000511),
    }
    electrons = {
        name: ak.unflatten(values[electron_there], electron_there.astype(int)) for name, values in electron.items()
    }
    return muons, electrons


def _jagged(values: npt.NDArray[Any], counts: npt.NDArray[np.int64]) -> ak.Array:
    """The first `counts` values of each row."""
    return ak.unflatten(values[np.arange(values.shape[1]) < counts[:, np.newaxis]], counts)


def _wrap(phi: Floats) -> Floats:
    return (phi + np.pi) % (2 * np.pi) - np.pi
