"""What is histogrammed: variables with their binnings, and the two regions of the analysis."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Variable:
    """One observable of the reconstruction and its equidistant bins."""

    name: str
    label: str
    bins: int
    low: float
    high: float
    unit: str = ""


VARIABLES = {
    variable.name: variable
    for variable in (
        Variable("higgs_mass", r"$m_{bb}$ of the Higgs candidate", 20, 0, 400, "GeV"),
        Variable("higgs_dr", r"$\Delta R_{bb}$ of the Higgs candidate", 18, 0.3, 3.9),
        Variable("top_hadronic_mass", "Mass of the hadronic top quark", 20, 120, 220, "GeV"),
        Variable("top_leptonic_mass", "Mass of the leptonic top quark", 20, 120, 220, "GeV"),
        Variable("ht", r"$H_T$", 20, 200, 1200, "GeV"),
        Variable("jets", "Number of jets", 5, 5.5, 10.5),
        Variable("fourth_btag", "Fourth highest b-tag discriminant", 18, 0.28, 1.0),
    )
}

CHI2_GOOD = 4.0

REGIONS = {
    "good": rf"$\chi^2 < {CHI2_GOOD:g}$",
    "poor": rf"$\chi^2 \geq {CHI2_GOOD:g}$",
}
"""Events whose jets fit a top quark pair, where the Higgs candidate is worth looking at, and the others, which hold the
background down."""

FITTED = "higgs_mass"
"""The variable whose histograms in both regions are fitted."""

FIGURES = (
    ("higgs_mass", "good"),
    ("higgs_mass", "poor"),
    ("top_hadronic_mass", "good"),
    ("top_leptonic_mass", "good"),
    ("ht", "good"),
    ("jets", "poor"),
    ("fourth_btag", "good"),
)
"""What is drawn: (variable, region)."""
