"""What is analysed: datasets, their cross sections, their simulated files.

Cross sections at 13 TeV: ttbar at NNLO+NNLL for a top quark of 172.5 GeV (LHC Top Working Group), ttH at NLO QCD+EW
and BR(H -> bb) for a Higgs boson of 125 GeV (LHC Higgs Working Group, Yellow Report 4). Branching ratios of the W
boson: PDG.
"""

from __future__ import annotations

from dataclasses import dataclass

LUMINOSITY = 59.8e3
"""Integrated luminosity in 1/pb."""

SEMILEPTONIC = 2 * 0.2132 * 0.6741
"""Part of the top quark pairs with exactly one W boson into e or mu and the other into quarks."""


@dataclass(frozen=True)
class Dataset:
    """One simulated process or the data."""

    name: str
    cross_section: float
    """In pb, of the process with all decays of the top quarks; 0 for data."""
    files: int
    """Files of the toy simulation."""
    draws: int
    """Events a file of the toy simulation draws before its generator filter; ignored for data."""

    @property
    def is_data(self) -> bool:
        return self.cross_section == 0.0

    def simulated_files(self) -> list[str]:
        """Names of the toy's files."""
        return [f"{self.name}_{number}.root" for number in range(self.files)]


TTH = Dataset("ttH125", 0.5071 * 0.5824, files=4, draws=20_000)
TTJETS = Dataset("ttJets", 831.76, files=6, draws=1_000_000)
DATA = Dataset("data", 0.0, files=4, draws=0)

DATASETS = {dataset.name: dataset for dataset in (TTH, TTJETS, DATA)}
SIMULATED = tuple(name for name, dataset in DATASETS.items() if not dataset.is_data)

PROCESSES = {"ttH125": ("ttH",), "ttJets": ("ttlf", "ttcc", "ttbb"), "data": ("data",)}
"""Templates made from each dataset: top pairs are split by the flavour of the additional jets (genTtbarId)."""
