"""Histograms of one dataset and shift, and their files.

A file holds TH1D with squared weights at `<region>/<variable>/<process>`.
"""

from __future__ import annotations

from typing import Any

import hist
import numpy as np
import numpy.typing as npt
import uproot

from . import datasets, reconstruction, systematics
from .simulation import Floats
from .variables import CHI2_GOOD, REGIONS, VARIABLES

Histograms = dict[str, hist.Hist]
"""By `<region>/<variable>/<process>`."""


def make(dataset: str, shift: str, reconstructed: str) -> Histograms:
    """Fills from the file of the reconstruction that `shift` uses."""
    columns, jets, counts = reconstruction.load(reconstructed)
    weights: Floats = np.ones(len(columns["event"]))
    if not datasets.DATASETS[dataset].is_data:
        weights = _nominal_weights(dataset, columns, counts)
        weights = weights * systematics.weight(shift, columns, jets, counts["working_point"])
    good = columns["chi2"] < CHI2_GOOD
    masks = {"good": good, "poor": ~good}
    made: Histograms = {}
    for process, belongs in _processes(dataset, columns).items():
        for region in REGIONS:
            chosen = masks[region] & belongs
            for variable in VARIABLES.values():
                h = hist.new.Reg(variable.bins, variable.low, variable.high, name=variable.name).Weight()
                h.fill(columns[variable.name][chosen].astype(float), weight=weights[chosen])
                made[f"{region}/{variable.name}/{process}"] = h
    return made


def _nominal_weights(dataset: str, columns: dict[str, npt.NDArray[Any]], counts: dict[str, float]) -> Floats:
    """Generator weights scaled to cross section times luminosity."""
    expected = datasets.DATASETS[dataset].cross_section * datasets.LUMINOSITY
    return columns["genWeight"].astype(float) * (expected / counts["sum_of_weights"])


def _processes(dataset: str, columns: dict[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[np.bool_]]:
    """Which events belong to which template of the dataset."""
    names = datasets.PROCESSES[dataset]
    if len(names) == 1:
        return {names[0]: np.ones(len(columns["event"]), dtype=bool)}
    flavour = columns["genTtbarId"] % 100
    ttbb, ttcc = (flavour >= 51) & (flavour <= 55), (flavour >= 41) & (flavour <= 45)
    return {"ttlf": ~ttbb & ~ttcc, "ttcc": ttcc, "ttbb": ttbb}


def write(histograms: Histograms, path: str) -> None:
    with uproot.recreate(path) as file:
        for name, h in histograms.items():
            file[name] = h


def load(path: str, region: str, variable: str) -> dict[str, hist.Hist]:
    """Histograms of one variable in one region by process."""
    with uproot.open(path) as file:
        folder = file[f"{region}/{variable}"]
        return {name: folder[name].to_hist() for name in folder.keys(cycle=False)}
