"""Fits the signal strength: binned likelihood of all regions, with every systematic source as a nuisance parameter.

Shapes are interpolated vertically bin by bin, smoothly within one standard deviation and linearly beyond, rates
log-normally; the finite number of simulated events is one Gaussian factor a bin, eliminated analytically (Barlow and
Beeston, in the light form of Conway, arXiv:1103.0354). Significances are those of the asymptotic q0 (Cowan, Cranmer,
Gross, Vitells, arXiv:1007.1727).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import iminuit
import numpy as np

from .shifts import RATES, SOURCES
from .simulation import Floats
from .templates import PROCESSES, Templates, rate_factors

SIGNAL = PROCESSES.index("ttH")
TINY = 1e-6
"""Yield that stands for an empty bin; it keeps logarithms finite."""


class Likelihood:
    """-2 ln L as a function of the signal strength and the nuisance parameters, up to a constant."""

    def __init__(self, regions: Mapping[str, Templates], observed: Floats | None = None) -> None:
        """`observed`: counts in all bins of all regions in their order; the data if left out."""
        parts = list(regions.values())
        self.names = [*SOURCES, *RATES]
        self._nominal = np.concatenate([t.nominal for t in parts], axis=1)
        self._variance = np.concatenate([t.variance for t in parts])
        up = np.stack([np.concatenate([t.shifted[s][0] for t in parts], axis=1) for s in SOURCES]) - self._nominal
        down = np.stack([np.concatenate([t.shifted[s][1] for t in parts], axis=1) for s in SOURCES]) - self._nominal
        flat = (len(SOURCES), -1)
        self._difference = (0.5 * (up - down)).reshape(flat)
        self._sum = (0.5 * (up + down)).reshape(flat)
        self._log_rates = np.log(np.stack([rate_factors(factors) for factors in RATES.values()]))
        self._observed = np.concatenate([t.data for t in parts]) if observed is None else observed

    def expected(self, mu: float, nuisances: Floats) -> Floats:
        """Yields in all bins."""
        shapes, rates = nuisances[: len(SOURCES)], nuisances[len(SOURCES) :]
        change = shapes @ self._difference + _smooth_absolute(shapes) @ self._sum
        yields = np.maximum(self._nominal + change.reshape(self._nominal.shape), 0.0)
        factors = np.exp(rates @ self._log_rates)
        factors[SIGNAL] *= mu
        return np.maximum(factors @ yields, TINY)

    def __call__(self, parameters: Floats) -> float:
        """`parameters`: signal strength, then nuisance parameters in units of their standard deviations."""
        nuisances = parameters[1:]
        nu, n = self.expected(parameters[0], nuisances), self._observed
        spread = self._variance / nu**2
        first = 1 - nu * spread
        beta = 0.5 * (first + np.sqrt(first**2 + 4 * n * spread))
        mean = np.maximum(beta * nu, TINY)
        constraint = np.divide((beta - 1) ** 2, spread, out=np.zeros_like(beta), where=spread > 0)
        poisson = mean - n + np.where(n > 0, n * np.log(np.maximum(n, TINY) / mean), 0.0)
        return float(2 * poisson.sum() + constraint.sum() + nuisances @ nuisances)

    def minimise(self, fixed: float | None = None, start: Floats | None = None) -> iminuit.Minuit:
        """The minimum, with the signal strength at `fixed` if given."""
        values = np.zeros(1 + len(self.names)) if start is None else start.copy()
        values[0] = 1.0 if fixed is None and start is None else values[0] if fixed is None else fixed
        minuit = iminuit.Minuit(self, values, name=["mu", *self.names])
        minuit.errordef = iminuit.Minuit.LEAST_SQUARES
        minuit.strategy = 0 if fixed is not None else 1
        minuit.errors = [0.5, *[0.9] * len(self.names)]
        minuit.limits["mu"] = (-20, 40)
        minuit.fixed["mu"] = fixed is not None
        minuit.migrad()
        if not minuit.valid:
            minuit.simplex().migrad()
        if not minuit.valid:
            raise RuntimeError(f"the fit did not converge: {minuit.fmin}")
        return minuit


def _smooth_absolute(x: Floats) -> Floats:
    """|x| beyond one, and within it the polynomial of sixth order that continues it twice differentiably."""
    inside = 0.125 * x**2 * (x**2 * (3 * x**2 - 10) + 15)
    return np.where(abs(x) > 1, abs(x), inside)


@dataclass(frozen=True)
class Pull:
    """A nuisance parameter after the fit, in units of its standard deviation before."""

    name: str
    value: float
    error: float
    impact: float
    """Change of the signal strength with one standard deviation of this parameter after the fit."""


@dataclass(frozen=True)
class FitResult:
    mu: float
    error_down: float
    error_up: float
    """Positive numbers, from the profile likelihood (MINOS)."""
    error_statistical: float
    """With all nuisance parameters held where the fit put them."""
    significance: float
    expected_significance: float
    """Median for a signal of strength one, from the Asimov data set."""
    expected_error: float
    goodness: float
    """-2 ln of the ratio to the saturated model."""
    bins: int
    pulls: list[Pull]
    """Largest impact first."""
    scan: list[tuple[float, float]]
    """Signal strength and the rise of -2 ln L above its minimum."""
    yields: dict[str, dict[str, float]]
    """Before the fit: by region and process, `data` included."""

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> FitResult:
        values = json.loads(text)
        values["pulls"] = [Pull(**pull) for pull in values["pulls"]]
        values["scan"] = [tuple(point) for point in values["scan"]]
        return cls(**values)


def fit(regions: Mapping[str, Templates]) -> FitResult:
    """Fits the data of all regions together."""
    likelihood = Likelihood(regions)
    best = likelihood.minimise()
    best.hesse()
    best.minos("mu")
    values = np.array(best.values)
    statistical = iminuit.Minuit(lambda mu: likelihood(np.array([mu, *values[1:]])), values[0])
    statistical.errordef = iminuit.Minuit.LEAST_SQUARES
    statistical.migrad().hesse()
    significance = _significance(likelihood, values, best.fval)

    truth = np.zeros_like(values)
    truth[0] = 1.0
    asimov = Likelihood(regions, observed=likelihood.expected(1.0, truth[1:]))
    expected = asimov.minimise(start=truth)
    expected.hesse()
    covariance = np.array(best.covariance)
    errors = np.sqrt(np.diag(covariance))
    pulls = [
        Pull(name, float(values[i]), float(errors[i]), float(covariance[0, i] / errors[i]))
        for i, name in enumerate(likelihood.names, start=1)
    ]
    minos = best.merrors["mu"]
    return FitResult(
        mu=float(values[0]),
        error_down=float(-minos.lower),
        error_up=float(minos.upper),
        error_statistical=float(statistical.errors[0]),
        significance=significance,
        expected_significance=_significance(asimov, np.array(expected.values), expected.fval),
        expected_error=float(expected.errors["mu"]),
        goodness=float(best.fval),
        bins=sum(len(t.data) for t in regions.values()),
        pulls=sorted(pulls, key=lambda pull: -abs(pull.impact)),
        scan=_scan(likelihood, values, float(errors[0]), float(best.fval)),
        yields={region: _table(templates) for region, templates in regions.items()},
    )


def _significance(likelihood: Likelihood, best: Floats, minimum: float) -> float:
    """Against no signal; zero where the fit prefers a negative one."""
    if best[0] <= 0:
        return 0.0
    start = best.copy()
    q0 = likelihood.minimise(fixed=0.0, start=start).fval - minimum
    return float(np.sqrt(max(q0, 0.0)))


def _scan(likelihood: Likelihood, best: Floats, error: float, minimum: float) -> list[tuple[float, float]]:
    """Profile likelihood from both sides of the minimum outwards, each point starting from its neighbour's."""
    points = {float(best[0]): 0.0}
    for sign in (-1, 1):
        start = best
        for step in np.arange(0.25, 2.6, 0.25):
            mu = float(best[0] + sign * step * error)
            minuit = likelihood.minimise(fixed=mu, start=start)
            start = np.array(minuit.values)
            points[mu] = max(float(minuit.fval - minimum), 0.0)
    return sorted(points.items())


def _table(templates: Templates) -> dict[str, float]:
    table = {process: float(templates.nominal[i].sum()) for i, process in enumerate(PROCESSES)}
    return {**table, "data": float(templates.data.sum())}
