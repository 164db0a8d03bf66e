"""The toy's files: NanoAOD of ttH, of top pairs with jets, and pseudo-data that holds both.

A file's random numbers depend on its dataset and name alone, so it is the same whenever and wherever it is made. Like
centrally filtered samples, files hold the events that pass a generator filter (four b-tagged jets) and count in their
tree `Runs` the events before it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import awkward as ak
import numpy as np
import uproot

from . import datasets
from .datasets import Dataset
from .detector import MEDIUM, draw_discriminants, observe
from .simulation import Floats, Hard, draw_flavours, generate

FILTER_TAGS = 4
"""Generator filter: jets above the medium b-tag working point."""
CHUNK = 100_000
"""Events drawn at a time: bounds the memory."""
TWO_JETS = 0.25
"""Part of top quark pairs with two additional partons above 18 GeV. The toy's own choice."""
COMPOSITION = {"ttlf": 0.932, "ttcc": 0.040, "ttbb": 0.028}
"""Flavour of these two partons. The toy's own choice, close to what the LHC experiments see."""
SHARES = {"ttlf": 0.840, "ttcc": 0.060, "ttbb": 0.100}
"""How often each is drawn; event weights restore `COMPOSITION`."""
TTBAR_ID = {"ttlf": 0, "ttcc": 43, "ttbb": 53, "ttH": 0}
"""CMS' genTtbarId modulo 100."""


def write_simulated(dataset: Dataset, file: str, path: str, size: float = 1.0) -> None:
    """Writes one file of the toy to `path`; `size` scales its number of simulated events (not the luminosity)."""
    rng = np.random.default_rng(int.from_bytes(hashlib.sha256(f"{dataset.name}/{file}".encode()).digest()[:8], "big"))
    if dataset.is_data:
        parts = list(_data_parts(dataset, rng))
    else:
        parts = list(_simulation_parts(dataset, size, rng))
    events = _concatenate([branches for branches, _ in parts])
    if dataset.is_data:
        events = _permuted(events, rng)
    n = len(events["MET_pt"])
    number = 1 + int(hashlib.sha256(file.encode()).hexdigest()[:4], 16)
    events["run"] = np.full(n, 1 if not dataset.is_data else 320_000 + number, dtype=np.uint32)
    events["luminosityBlock"] = (np.arange(n) // 200 + 1).astype(np.uint32)
    events["event"] = (number * 10_000_000 + np.arange(n)).astype(np.uint64)
    _write(events, sum(weight for _, weight in parts), dataset.is_data, path)


def _simulation_parts(
    dataset: Dataset, size: float, rng: np.random.Generator
) -> Iterator[tuple[dict[str, Any], float]]:
    """Branches and the sum of weights before the filter (as if nothing but the filter were missing), in parts."""
    draws = max(int(dataset.draws * size), 1)
    if dataset.name == datasets.TTH.name:
        yield from _process("ttH", draws, 1.0, rng)
        return
    for process, share in SHARES.items():
        yield from _process(process, round(draws * share), COMPOSITION[process] / share, rng)


def _data_parts(dataset: Dataset, rng: np.random.Generator) -> Iterator[tuple[dict[str, Any], float]]:
    """Signal of strength one and background, as many of each as a Poisson distribution says."""
    luminosity = datasets.LUMINOSITY / dataset.files
    signal = luminosity * datasets.TTH.cross_section * datasets.SEMILEPTONIC
    background = luminosity * datasets.TTJETS.cross_section * datasets.SEMILEPTONIC * TWO_JETS
    yield from _process("ttH", rng.poisson(signal), 1.0, rng)
    for process, part in COMPOSITION.items():
        yield from _process(process, rng.poisson(background * part), 1.0, rng)


def _process(
    process: str, draws: int, weight: float, rng: np.random.Generator
) -> Iterator[tuple[dict[str, Any], float]]:
    """Draws events and decides by their b tags which ones get kinematics at all."""
    made = datasets.SEMILEPTONIC * (1.0 if process == "ttH" else TWO_JETS)
    for start in range(0, draws, CHUNK):
        n = min(CHUNK, draws - start)
        flavour, present = draw_flavours(process, n, rng)
        discriminant = draw_discriminants(flavour, rng)
        passed = ((discriminant > MEDIUM) & present).sum(axis=1) >= FILTER_TAGS
        hard = generate(process, flavour[passed].astype(int), present[passed], rng)
        branches = observe(hard, discriminant[passed], rng)
        branches.update(_generator_branches(process, hard, weight))
        yield branches, n * weight / made


def _generator_branches(process: str, hard: Hard, weight: float) -> dict[str, Any]:
    n = len(hard.flavour)
    scale_weights, shower_weights = _theory_weights(hard)
    heavy = [*hard.tops, *([hard.higgs] if hard.higgs is not None else [])]
    ids = [6, -6, 25][: len(heavy)]
    particles = {
        name: ak.Array(np.stack([np.asarray(getattr(p, name)) for p in heavy], axis=1))
        for name in ("pt", "eta", "phi", "mass")
    }
    whole = np.ones((n, 1), dtype=int)
    return {
        "genWeight": np.full(n, weight),
        "genTtbarId": np.full(n, TTBAR_ID[process]),
        "LHEScaleWeight": ak.Array(scale_weights),
        "PSWeight": ak.Array(shower_weights),
        "GenPart": {
            **particles,
            "pdgId": ak.Array(ids * whole),
            "statusFlags": ak.Array((1 << 13) * np.ones_like(ids) * whole),
        },
    }


def _theory_weights(hard: Hard) -> tuple[Floats, Floats]:
    """Weights of scale variations: steeper couplings in busier events, as in a calculation at fixed order.

    Order of NanoAOD: (muR, muF) = (0.5, 0.5), (0.5, 1), …, (2, 2); (ISR, FSR) = (2, 1), (1, 2), (0.5, 1), (1, 0.5).
    """
    pt = np.where(hard.present, np.hypot(hard.partons["px"], hard.partons["py"]), 0.0)
    activity = np.tanh((pt.sum(axis=1) - 450.0) / 250.0)
    radiated = hard.present[:, 6:].sum(axis=1) - 1.1
    steps = [(r, f) for r in (-1, 0, 1) for f in (-1, 0, 1)]
    scale = np.stack([2.0 ** (-r * (0.16 + 0.03 * radiated) - f * (0.03 + 0.04 * activity)) for r, f in steps], axis=1)
    shower = np.stack(
        [2.0 ** (0.06 * radiated), 2.0 ** (-0.04 * activity), 2.0 ** (-0.06 * radiated), 2.0 ** (0.04 * activity)],
        axis=1,
    )
    return scale, shower


def _concatenate(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """One set of branches from several with the same layout; GenPart may differ in length."""
    joined: dict[str, Any] = {}
    for name, first in parts[0].items():
        if isinstance(first, dict):
            joined[name] = {field: _jagged(ak.concatenate([part[name][field] for part in parts])) for field in first}
        else:
            joined[name] = _jagged(ak.concatenate([ak.Array(part[name]) for part in parts]))
    return joined


def _jagged(array: ak.Array) -> ak.Array:
    """Lists of equal length as lists of any length: how NanoAOD keeps all of them."""
    return ak.from_regular(array) if array.ndim > 1 else array


def _permuted(events: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    order = rng.permutation(len(events["MET_pt"]))
    return {
        name: {field: array[order] for field, array in value.items()} if isinstance(value, dict) else value[order]
        for name, value in events.items()
    }


_GENERATOR = ("GenJet", "GenPart", "genWeight", "genTtbarId", "LHEScaleWeight", "PSWeight", "Pileup_nTrueInt")
_INTEGERS = {
    "genTtbarId": np.int32,
    "PV_npvsGood": np.int32,
    "run": np.uint32,
    "luminosityBlock": np.uint32,
    "event": np.uint64,
}


def _write(events: dict[str, Any], sum_of_weights: float, is_data: bool, path: str) -> None:
    """Writes trees `Events` and, for simulation, `Runs`; data has nothing that only a generator knows."""
    tree: dict[str, Any] = {}
    for name, value in events.items():
        if is_data and name in _GENERATOR:
            continue
        if isinstance(value, dict):
            hidden = ("hadronFlavour", "genJetIdx") if is_data else ()
            tree[name] = ak.zip({field: _packed(array) for field, array in value.items() if field not in hidden})
        else:
            tree[name] = ak.values_astype(ak.Array(value), _INTEGERS.get(name, np.float32))
    with uproot.recreate(path, compression=uproot.LZ4(1)) as file:
        file.mktree("Events", {name: array.type.content for name, array in tree.items()}, title="Events")
        file["Events"].extend(tree)
        if not is_data:
            runs = {"run": np.array([1], np.uint32), "genEventSumw": np.array([sum_of_weights])}
            file.mktree("Runs", {name: array.dtype for name, array in runs.items()}, title="Runs")
            file["Runs"].extend(runs)


def _packed(array: ak.Array) -> ak.Array:
    """32-bit numbers, as in NanoAOD."""
    kind = ak.to_numpy(ak.flatten(array)).dtype.kind
    return ak.values_astype(array, {"f": np.float32, "b": np.bool_}.get(kind, np.int32))
