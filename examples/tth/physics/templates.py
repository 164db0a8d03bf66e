"""Gathers the histograms of all datasets and shifts for one variable in one region: what figures and fit start from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import hist
import numpy as np

from . import histograms
from .shifts import NOMINAL, OBJECT_SOURCES, RATES, SOURCES
from .simulation import Floats

PROCESSES = ("ttlf", "ttcc", "ttbb", "ttH")
TINY = 1e-9
"""Stands for the yield of empty bins where yields divide."""


@dataclass(frozen=True)
class Templates:
    """Expected yields a bin for each process of `PROCESSES`, under- and overflow left out."""

    edges: Floats
    nominal: Floats
    """Shape (processes, bins)."""
    variance: Floats
    """Of the sum of all processes, from the number of simulated events; shape (bins,)."""
    shifted: dict[str, tuple[Floats, Floats]]
    """Up and down by source, shaped as `nominal`."""
    data: Floats

    @property
    def total(self) -> Floats:
        return self.nominal.sum(axis=0)

    def band(self) -> tuple[Floats, Floats]:
        """Uncertainty of the total below and above it: all sources and the simulated statistics in quadrature."""
        down, up = self.variance.copy(), self.variance.copy()
        changes = [(high.sum(axis=0) - self.total, low.sum(axis=0) - self.total) for high, low in self.shifted.values()]
        for factors in RATES.values():
            change = ((rate_factors(factors) - 1)[:, np.newaxis] * self.nominal).sum(axis=0)
            changes.append((change, -change))
        for first, second in changes:
            up += np.maximum(np.maximum(first, second), 0) ** 2
            down += np.minimum(np.minimum(first, second), 0) ** 2
        return np.sqrt(down), np.sqrt(up)


def rate_factors(factors: Mapping[str, float]) -> Floats:
    """One factor a process, in the order of `PROCESSES`."""
    return np.array([factors.get(process, 1.0) for process in PROCESSES])


def gather(files: Mapping[str, str], region: str, variable: str) -> Templates:
    """Reads the histogram files, given by `<dataset>/<shift>`."""
    loaded: dict[str, dict[str, hist.Hist]] = {}
    for name, path in files.items():
        loaded.setdefault(name.partition("/")[2], {}).update(histograms.load(path, region, variable))
    nominal = loaded[NOMINAL]
    return Templates(
        edges=nominal["data"].axes[0].edges,
        nominal=_yields(nominal),
        variance=np.stack([np.asarray(nominal[process].variances(), dtype=float) for process in PROCESSES]).sum(axis=0),
        shifted={source: _shifted(source, loaded) for source in SOURCES},
        data=np.asarray(nominal["data"].values(), dtype=float),
    )


def _shifted(source: str, loaded: Mapping[str, Mapping[str, hist.Hist]]) -> tuple[Floats, Floats]:
    """Up and down. Shifted energies move events between bins, few of them: their effect is made symmetric and smooth,
    lest the fit takes noise for information."""
    up, down = _yields(loaded[f"{source}_up"]), _yields(loaded[f"{source}_down"])
    if source not in OBJECT_SOURCES:
        return up, down
    nominal = _yields(loaded[NOMINAL])
    change = _smoothed(0.5 * (up - down)) / np.maximum(_smoothed(nominal), TINY)
    change = change.clip(-0.9, 0.9)
    return nominal * (1 + change), nominal * (1 - change)


def _smoothed(yields: Floats) -> Floats:
    """Each bin averaged with its neighbours, weights 1 4 6 4 1, the outermost repeated beyond the edges."""
    padded = np.pad(yields, ((0, 0), (2, 2)), mode="edge")
    kernel = np.array([1, 4, 6, 4, 1]) / 16
    return np.stack([padded[:, i : i + yields.shape[1]] * factor for i, factor in enumerate(kernel)]).sum(axis=0)


def _yields(by_process: Mapping[str, hist.Hist]) -> Floats:
    return np.stack([by_process[process].values() for process in PROCESSES])
