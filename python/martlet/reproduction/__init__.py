"""Recorded tasks once more: run apart from everything, and what they make compared with what they made.

    from martlet.reproduction import reproduce

    again = reproduce("Fit_ttH_1_…")
    if not again:
        for output in again.outputs:
            print(output.path, output.finding, output.detail)
"""

from __future__ import annotations

from .reproducing import reproduce
from .values import CheckedInput, Code, ComparedOutput, Environment, PackageDifference, Reproduction, Verdict

__all__ = [
    "CheckedInput", "Code", "ComparedOutput", "Environment", "PackageDifference", "Reproduction", "Verdict",
    "reproduce",
]  # fmt: skip
