"""Names of the systematic shifts and what each one touches.

A shift is named `<source>_up` or `<source>_down`; `nominal` is none. Shifts of object energies make a new selection;
shifts of weights and rates use the nominal one.
"""

from __future__ import annotations

NOMINAL = "nominal"

OBJECT_SOURCES = (
    "JESAbsolute",
    "JESFlavorQCD",
    "JESRelativeBal",
    "JESPileUp",
    "JER",
    "LeptonScale",
    "METUnclustered",
)

WEIGHT_SOURCES = (
    "btagHF",
    "btagHFStats",
    "btagLF",
    "btagCFErr",
    "muonID",
    "electronID",
    "trigger",
    "pileup",
    "muR",
    "muF",
    "ISR",
    "FSR",
    "topPt",
)

RATES = {
    "lumi": {"ttH": 1.025, "ttlf": 1.025, "ttcc": 1.025, "ttbb": 1.025},
    "xsecTT": {"ttlf": 1.06, "ttcc": 1.06, "ttbb": 1.06},
    "normTTbb": {"ttbb": 1.30},
    "normTTcc": {"ttcc": 1.30},
}
"""Log-normal uncertainties of the rates: source, then process, then factor at one standard deviation. They need no
histograms of their own: the fit and the band scale the nominal ones."""

SOURCES = OBJECT_SOURCES + WEIGHT_SOURCES
OBJECT_SHIFTS = tuple(f"{source}_{direction}" for source in OBJECT_SOURCES for direction in ("up", "down"))
WEIGHT_SHIFTS = tuple(f"{source}_{direction}" for source in WEIGHT_SOURCES for direction in ("up", "down"))
SHIFTS = (NOMINAL, *OBJECT_SHIFTS, *WEIGHT_SHIFTS)


def split(shift: str) -> tuple[str, int]:
    """Source and sign of a shift: ("JER", 1), ("JER", -1), or ("nominal", 0)."""
    if shift == NOMINAL:
        return NOMINAL, 0
    source, _, direction = shift.rpartition("_")
    return source, 1 if direction == "up" else -1


def object_shift(shift: str) -> str:
    """The shift of the selection that histograms with `shift` are made from."""
    return shift if shift in OBJECT_SHIFTS else NOMINAL
