"""The toy's generator: top quark pairs with a Higgs boson or with additional jets, decayed to partons.

Sequential two-body decays with Breit-Wigner masses, isotropic but for the W boson, whose helicity fractions are those
of the standard model. Everything an event holds recoils against everything else, so transverse momenta add up to zero.
Energies in GeV. Randomness comes from the generator handed in and from nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import vector

Floats = npt.NDArray[np.floating]
Momenta: TypeAlias = Any
"""Arrays of `vector.MomentumNumpy4D`; vector's own annotations do not survive arithmetic."""

MASS_TOP, WIDTH_TOP = 172.5, 1.42
MASS_W, WIDTH_W = 80.38, 2.09
MASS_HIGGS = 125.0
MASS_B, MASS_MUON, MASS_ELECTRON = 4.8, 0.1057, 0.000511
LONGITUDINAL = 0.69
"""Fraction of longitudinal W bosons in top decays; the rest is left-handed."""
SLOTS = 10
"""Partons an event can have: b and b of the tops, two of the W, two additional, four from initial-state radiation."""


@dataclass(frozen=True)
class Hard:
    """Events at generator level; arrays have one row an event, `parton…` arrays one column a slot."""

    partons: Momenta
    present: npt.NDArray[np.bool_]
    flavour: npt.NDArray[np.integer]
    """Absolute PDG number of each parton."""
    lepton: Momenta
    lepton_id: npt.NDArray[np.int64]
    """PDG number, +-11 or +-13."""
    neutrino: Momenta
    tops: tuple[Momenta, Momenta]
    """Hadronically, leptonically decaying."""
    higgs: Momenta | None


def draw_flavours(
    process: str, n: int, rng: np.random.Generator
) -> tuple[npt.NDArray[np.integer], npt.NDArray[np.bool_]]:
    """Flavours of the partons of `n` events and which slots are filled, before any kinematics."""
    flavour = np.full((n, SLOTS), 21, dtype=np.int8)
    flavour[:, 0:2] = 5
    charm = rng.random(n) < 0.5
    flavour[:, 2] = np.where(charm, 4, 2)
    flavour[:, 3] = np.where(charm, 3, 1)
    flavour[:, 4:6] = {"ttH": 5, "ttbb": 5, "ttcc": 4, "ttlf": 21}[process]
    flavour[:, 6:] = np.where(rng.random((n, SLOTS - 6), dtype=np.float32) < 0.04, 4, 21)
    present = np.ones((n, SLOTS), dtype=bool)
    present[:, 6:] = np.arange(SLOTS - 6) < rng.poisson(1.1, n)[:, np.newaxis]
    return flavour, present


def generate(
    process: str, flavour: npt.NDArray[np.integer], present: npt.NDArray[np.bool_], rng: np.random.Generator
) -> Hard:
    """Kinematics for events whose flavours were drawn; `process` is ttH, ttlf, ttcc or ttbb."""
    n = len(flavour)
    radiation = [_radiated(n, rng, scale, width) for scale, width in ((38, 1.7), (28, 1.8), (22, 1.9), (18, 2.0))]
    additional, higgs = _additional(process, n, rng)
    recoil_x = sum((p.px for p in additional), start=np.zeros(n))
    recoil_y = sum((p.py for p in additional), start=np.zeros(n))
    for column, parton in enumerate(radiation):
        recoil_x += np.where(present[:, 6 + column], parton.px, 0.0)
        recoil_y += np.where(present[:, 6 + column], parton.py, 0.0)

    hadronic = _momentum(rng.gamma(2.2, 55.0, n), rng.normal(0, 0.95, n), _angle(n, rng), _top_mass(n, rng))
    mass = _top_mass(n, rng)
    px, py = -hadronic.px - recoil_x, -hadronic.py - recoil_y
    leptonic = _momentum(np.hypot(px, py), rng.normal(0, 0.95, n), np.arctan2(py, px), mass)

    lepton_id = np.where(rng.random(n) < 0.5, 11, 13) * rng.choice([-1, 1], n)
    b_hadronic, q1, q2 = _decay_top(hadronic, np.zeros(n), rng)
    lepton_mass = np.where(abs(lepton_id) == 11, MASS_ELECTRON, MASS_MUON)
    b_leptonic, lepton, neutrino = _decay_top(leptonic, lepton_mass, rng)
    partons = [b_hadronic, b_leptonic, q1, q2, *additional, *radiation]
    columns = {name: np.stack([getattr(p, name) for p in partons], axis=1) for name in ("px", "py", "pz", "E")}
    return Hard(vector.array(columns), present, flavour, lepton, lepton_id, neutrino, (hadronic, leptonic), higgs)


def _additional(process: str, n: int, rng: np.random.Generator) -> tuple[tuple[Momenta, Momenta], Momenta | None]:
    """The two partons beyond the top pair, and the Higgs boson where there is one."""
    if process == "ttH":
        higgs = _momentum(rng.gamma(2.0, 65.0, n), rng.normal(0, 1.0, n), _angle(n, rng), np.full(n, MASS_HIGGS))
        return _decay(higgs, np.full(n, MASS_B), np.full(n, MASS_B), rng)[:2], higgs
    if process == "ttlf":
        return (_radiated(n, rng, 45.0, 1.5), _radiated(n, rng, 30.0, 1.6)), None
    quark = MASS_B if process == "ttbb" else 1.5
    gluon_mass = 2 * quark + 12.0 + rng.exponential(75.0, n)
    gluon = _momentum(rng.gamma(2.0, 48.0, n), rng.normal(0, 1.1, n), _angle(n, rng), gluon_mass)
    return _decay(gluon, np.full(n, quark), np.full(n, quark), rng)[:2], None


def _radiated(n: int, rng: np.random.Generator, scale: float, width: float) -> Momenta:
    """Massless partons with a falling spectrum above 18 GeV; `scale` in GeV, `width` in pseudorapidity."""
    return _momentum(18.0 + rng.exponential(scale, n), rng.normal(0, width, n), _angle(n, rng), np.zeros(n))


def _decay_top(top: Momenta, fermion_mass: Floats, rng: np.random.Generator) -> tuple[Momenta, Momenta, Momenta]:
    """b, down-type fermion, up-type fermion of t -> b W -> b f f'."""
    n = len(top)
    w_mass = _breit_wigner(MASS_W, WIDTH_W, n, rng)
    w_rest, b_rest, axis = _rest_frame(top.mass, w_mass, np.full(n, MASS_B), _direction(n, rng))
    polar = np.interp(rng.random(n), _HELICITY_CDF, _HELICITY_COS)
    first, second, _ = _rest_frame(w_mass, fermion_mass, np.zeros(n), _around(axis, polar, _angle(n, rng)))
    return tuple(p.boost_p4(top) for p in (b_rest, first.boost_p4(w_rest), second.boost_p4(w_rest)))


def _helicity_table() -> tuple[Floats, Floats]:
    """Cumulative distribution of cos(theta*) of the down-type fermion in the W rest frame: F0 and FL only."""
    cos = np.linspace(-1, 1, 400)
    density = 0.75 * LONGITUDINAL * (1 - cos**2) + 0.375 * (1 - LONGITUDINAL) * (1 - cos) ** 2
    cumulative = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    return cumulative / cumulative[-1], cos


_HELICITY_CDF, _HELICITY_COS = _helicity_table()


def _decay(parent: Momenta, m1: Floats, m2: Floats, rng: np.random.Generator) -> tuple[Momenta, Momenta, Floats]:
    first, second, axis = _rest_frame(parent.mass, m1, m2, _direction(len(parent), rng))
    return first.boost_p4(parent), second.boost_p4(parent), axis


def _rest_frame(mass: Floats, m1: Floats, m2: Floats, axis: Floats) -> tuple[Momenta, Momenta, Floats]:
    """Two-body decay at rest with the first daughter along `axis` (unit vectors, shape (3, n))."""
    e1 = (mass**2 + m1**2 - m2**2) / (2 * mass)
    p = np.sqrt(np.maximum(e1**2 - m1**2, 0.0))
    x, y, z = p * axis
    return (
        vector.array({"px": x, "py": y, "pz": z, "E": e1}),
        vector.array({"px": -x, "py": -y, "pz": -z, "E": mass - e1}),
        axis,
    )


def _direction(n: int, rng: np.random.Generator) -> Floats:
    cos, phi = rng.uniform(-1, 1, n), _angle(n, rng)
    sin = np.sqrt(1 - cos**2)
    return np.stack([sin * np.cos(phi), sin * np.sin(phi), cos])


def _around(axis: Floats, cos: Floats, phi: Floats) -> Floats:
    """Unit vectors at polar angle acos(`cos`) and azimuth `phi` about `axis`."""
    side = np.cross(axis, np.where(abs(axis[2]) < 0.9, [[0.0], [0.0], [1.0]], [[1.0], [0.0], [0.0]]), axis=0)
    side /= np.linalg.norm(side, axis=0)
    other = np.cross(axis, side, axis=0)
    return cos * axis + np.sqrt(1 - cos**2) * (np.cos(phi) * side + np.sin(phi) * other)


def _angle(n: int, rng: np.random.Generator) -> Floats:
    return rng.uniform(-np.pi, np.pi, n)


def _top_mass(n: int, rng: np.random.Generator) -> Floats:
    return _breit_wigner(MASS_TOP, WIDTH_TOP, n, rng)


def _breit_wigner(mass: float, width: float, n: int, rng: np.random.Generator) -> Floats:
    """Masses within twelve widths of the pole."""
    limit = np.arctan(24.0)
    return mass + 0.5 * width * np.tan(rng.uniform(-limit, limit, n))


def _momentum(pt: Floats, eta: Floats, phi: Floats, mass: Floats) -> Momenta:
    """`eta` is taken as rapidity, which is what the distributions of heavy particles are given in."""
    transverse = np.hypot(pt, mass)
    return vector.array(
        {
            "px": pt * np.cos(phi),
            "py": pt * np.sin(phi),
            "pz": transverse * np.sinh(eta),
            "E": transverse * np.cosh(eta),
        }
    )
