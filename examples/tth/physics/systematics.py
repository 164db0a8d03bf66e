"""What each systematic shift does to objects and to weights.

Sizes are typical of a published LHC analysis; they are the toy's, not a recommendation of any group. A new source is a
function here, its entry in the table below it, and its name in `shifts`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import awkward as ak
import numpy as np
import numpy.typing as npt

from .nanoaod import Sample
from .shifts import NOMINAL, OBJECT_SOURCES, WEIGHT_SOURCES, split
from .simulation import Floats

Columns = dict[str, npt.NDArray[Any]]


def shift_objects(sample: Sample, shift: str) -> Sample:
    """The sample with one object-level shift applied; missing momentum follows what happens to jets."""
    source, sign = split(shift)
    if source == NOMINAL:
        return sample
    if source not in OBJECT_SOURCES:
        raise ValueError(f"{shift} does not change objects: use the nominal selection and its weights")
    if source == "METUnclustered":
        return _shift_met(sample, sign)
    if source == "LeptonScale":
        return replace(
            sample, muons=_scaled(sample.muons, 1 + 0.002 * sign), electrons=_scaled(sample.electrons, 1 + 0.006 * sign)
        )
    factor = _jer(sample.jets, sign) if source == "JER" else 1 + sign * JES[source](sample.jets)
    return _propagated(sample, factor)


JES: dict[str, Callable[[ak.Array], ak.Array]] = {
    "JESAbsolute": lambda jets: 0.010 + 0.0 * jets.pt,
    "JESFlavorQCD": lambda jets: ak.where(jets.flavour == 5, 0.008, ak.where(jets.flavour == 4, 0.010, 0.016)),
    "JESRelativeBal": lambda jets: 0.004 + 0.008 * abs(jets.eta) / 2.4,
    "JESPileUp": lambda jets: 0.45 / jets.pt,
}
"""Relative uncertainty of the jet energy scale by source."""


def _jer(jets: ak.Array, sign: int) -> ak.Array:
    """Widens or narrows the response of jets that have a generated partner by the uncertainty of the scale factor."""
    delta = sign * ak.where(abs(jets.eta) < 1.3, 0.08, 0.12)
    away = jets.pt - jets.genPt
    matched = (jets.genPt > 0) & (abs(away) < 0.6 * jets.pt)
    return ak.where(matched, 1 + delta * away / jets.pt, 1.0)


def _scaled(particles: ak.Array, factor: Any) -> ak.Array:
    fields = {name: particles[name] for name in particles.fields}
    return ak.zip({**fields, "pt": particles.pt * factor, "mass": particles.mass * factor})


def _propagated(sample: Sample, factor: ak.Array) -> Sample:
    """Jets scaled by `factor`, and the momentum they gained taken from the missing transverse momentum."""
    jets = sample.jets
    gained = jets.pt * (factor - 1)
    x = -ak.to_numpy(ak.sum(gained * np.cos(jets.phi), axis=1))
    y = -ak.to_numpy(ak.sum(gained * np.sin(jets.phi), axis=1))
    return replace(_moved(sample, x, y), jets=_scaled(jets, factor))


def _shift_met(sample: Sample, sign: int) -> Sample:
    x, y = (sample.events[f"MET_MetUnclustEnUpDelta{axis}"] for axis in "XY")
    return _moved(sample, sign * x, sign * y)


def _moved(sample: Sample, x: Floats, y: Floats) -> Sample:
    pt, phi = sample.events["MET_pt"], sample.events["MET_phi"]
    px, py = pt * np.cos(phi) + x, pt * np.sin(phi) + y
    return replace(sample, events={**sample.events, "MET_pt": np.hypot(px, py), "MET_phi": np.arctan2(py, px)})


def weight(shift: str, columns: Columns, jets: ak.Array, working_point: float) -> Floats:
    """Factor on the nominal weights of simulated events for a weight-level shift; one for any other."""
    source, sign = split(shift)
    if source not in WEIGHT_SOURCES:
        return np.ones(len(columns["event"]))
    if source in BTAG:
        flavour, size = BTAG[source]
        return _btag(jets, working_point, flavour, sign * size(jets))
    return EVENT_WEIGHTS[source](columns, sign)


_EFFICIENCY = {5: 0.70, 4: 0.15, 0: 0.012}
"""b-tag efficiency by hadron flavour at the medium working point."""

BTAG: dict[str, tuple[int, Callable[[ak.Array], ak.Array]]] = {
    "btagHF": (5, lambda jets: 0.020 + 0.0 * jets.pt),
    "btagHFStats": (5, lambda jets: 0.030 * np.tanh((jets.pt - 90.0) / 60.0)),
    "btagLF": (0, lambda jets: 0.15 + 0.0 * jets.pt),
    "btagCFErr": (4, lambda jets: 0.10 + 0.0 * jets.pt),
}
"""Hadron flavour and relative uncertainty of its scale factor by source."""


def _btag(jets: ak.Array, working_point: float, flavour: int, change: ak.Array) -> Floats:
    """Product over jets of P(tagged or not | shifted) / P(tagged or not), the fixed working point method."""
    efficiency = _EFFICIENCY[flavour]
    tagged = 1 + change
    untagged = (1 - efficiency * (1 + change)) / (1 - efficiency)
    factor = ak.where(jets.btag > working_point, tagged, untagged)
    return ak.to_numpy(ak.prod(ak.where(jets.flavour == flavour, factor, 1.0), axis=1))


def _lepton(number: int, size: float) -> Callable[[Columns, int], Floats]:
    def factor(columns: Columns, sign: int) -> Floats:
        return np.where(abs(columns["lepton_id"]) == number, 1 + sign * size, 1.0)

    return factor


def _trigger(columns: Columns, sign: int) -> Floats:
    """The turn-on is known less well than the plateau."""
    return 1 + sign * (0.005 + 0.02 * np.exp(-(columns["lepton_pt"] - 29.0).clip(0) / 8.0))


def _pileup(columns: Columns, sign: int) -> Floats:
    """Ratio of normal profiles whose mean follows the inelastic cross section, known to 4.6 %."""
    n = columns["nTrueInt"]
    if len(n) == 0 or n.min() < 0 or n.std() == 0:
        return np.ones(len(n))
    mean, width = n.mean(), n.std()
    moved = np.exp(-0.5 * ((n - mean * (1 + 0.046 * sign)) / width) ** 2 + 0.5 * ((n - mean) / width) ** 2)
    return moved / moved.mean()


def _theory(source: str) -> Callable[[Columns, int], Floats]:
    def factor(columns: Columns, sign: int) -> Floats:
        return columns[f"w_{source}_{'up' if sign > 0 else 'down'}"]

    return factor


def _top_pt(columns: Columns, sign: int) -> Floats:
    """Data prefer softer top quarks than the generator: exp(0.0615 - 0.0005 pt / GeV) a top, taken as uncertainty."""
    first, second = columns["topPt1"], columns["topPt2"]
    known = (first >= 0) & (second >= 0)
    exponent = 0.5 * (0.123 - 0.0005 * (first.clip(0, 500) + second.clip(0, 500)))
    return np.where(known, np.exp(sign * exponent), 1.0)


EVENT_WEIGHTS: dict[str, Callable[[Columns, int], Floats]] = {
    "muonID": _lepton(13, 0.010),
    "electronID": _lepton(11, 0.015),
    "trigger": _trigger,
    "pileup": _pileup,
    "muR": _theory("muR"),
    "muF": _theory("muF"),
    "ISR": _theory("ISR"),
    "FSR": _theory("FSR"),
    "topPt": _top_pt,
}
"""Weight of an event by source, from its columns and the sign of the shift."""
