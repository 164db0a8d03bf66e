"""Figures: stacked histograms with data, band and ratio; the result of the fit."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import matplotlib.style
import mplhep
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .datasets import LUMINOSITY
from .fit import FitResult
from .simulation import Floats
from .templates import PROCESSES, Templates
from .variables import REGIONS, VARIABLES, Variable

matplotlib.use("Agg")

COLOURS = {"ttbb": "#2c6fbb", "ttcc": "#7fb2e0", "ttlf": "#cfe2f3", "ttH": "#bd1f01"}
LABELS = {
    "ttH": r"$t\bar{t}H$",
    "ttlf": r"$t\bar{t}$ + light",
    "ttcc": r"$t\bar{t}+c\bar{c}$",
    "ttbb": r"$t\bar{t}+b\bar{b}$",
}
STACK = ("ttbb", "ttcc", "ttlf", "ttH")
"""From the bottom."""
OVERLAY = 10
"""The signal is also drawn as a line, this much larger."""


@matplotlib.style.context(mplhep.style.CMS)
def draw_stack(templates: Templates, variable: str, region: str, note: str) -> Figure:
    """One variable in one region; `note` tells where the events come from."""
    figure = Figure(figsize=(10, 10))
    main, ratio = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": (3, 1), "hspace": 0.06})
    edges, total, data = templates.edges, templates.total, templates.data
    centres = 0.5 * (edges[:-1] + edges[1:])
    down, up = templates.band()
    data_down, data_up = poisson_errors(data)
    expected = {process: templates.nominal[PROCESSES.index(process)] for process in STACK}

    mplhep.histplot(
        [expected[process] for process in STACK],
        bins=edges,
        ax=main,
        stack=True,
        histtype="fill",
        color=[COLOURS[process] for process in STACK],
        label=[LABELS[process] for process in STACK],
        flow="none",
    )
    main.stairs(
        OVERLAY * expected["ttH"],
        edges,
        color=COLOURS["ttH"],
        lw=2.5,
        ls="--",
        label=rf"{LABELS['ttH']} $\times$ {OVERLAY}",
    )
    _hatch(main, edges, total - down, total + up, label="Uncertainty (pre-fit)")
    points = {"color": "black", "fmt": "o", "ms": 7, "elinewidth": 1.6}
    main.errorbar(centres, data, yerr=(data_down, data_up), label="Pseudo-data" if "toy" in note else "Data", **points)

    safe = np.where(total > 0, total, np.inf)
    ratio.axhline(1.0, color="black", lw=1)
    _hatch(ratio, edges, np.where(total > 0, 1 - down / safe, 1), 1 + up / safe)
    shown = (total > 0) & (data > 0)
    ratio.errorbar(
        centres[shown],
        (data / safe)[shown],
        yerr=((data_down / safe)[shown], (data_up / safe)[shown]),
        **points,
    )
    highest = max(float(drawn.max(initial=1)) for drawn in (total + up, data + data_up, OVERLAY * expected["ttH"]))
    _axes(main, ratio, VARIABLES[variable], highest)
    _legend(main)
    _headline(main, note)
    selection = f"1 lepton\n$\\geq$ 6 jets\n$\\geq$ 4 b tags\n{REGIONS[region]}"
    main.text(0.04, 0.95, selection, transform=main.transAxes, va="top", fontsize=19, linespacing=1.35)
    return figure


def poisson_errors(n: Floats) -> tuple[Floats, Floats]:
    """Central 68 % intervals (Garwood) below and above counts, in the approximation of Wilson and Hilferty."""
    safe, more = np.maximum(n, 1.0), n + 1.0
    lower = np.where(n > 0, safe * (1 - 1 / (9 * safe) - 1 / (3 * np.sqrt(safe))) ** 3, 0.0)
    upper = more * (1 - 1 / (9 * more) + 1 / (3 * np.sqrt(more))) ** 3
    return n - lower, upper - n


def _hatch(axes: Axes, edges: Floats, low: Floats, high: Floats, label: str | None = None) -> None:
    axes.stairs(
        high, edges, baseline=low, fill=True, facecolor="none", edgecolor="#555555", hatch="////", lw=0, label=label
    )


def _axes(main: Axes, ratio: Axes, variable: Variable, highest: float) -> None:
    width = (variable.high - variable.low) / variable.bins
    main.set_ylim(0, 1.55 * highest)
    main.set_ylabel(f"Events / {width:g} {variable.unit}".rstrip() if variable.unit else "Events")
    ratio.set_ylabel("Data / pred.", loc="center", fontsize=22)
    ratio.set_ylim(0.55, 1.45)
    ratio.set_xlim(variable.low, variable.high)
    ratio.set_xlabel(f"{variable.label} [{variable.unit}]" if variable.unit else variable.label)
    main.tick_params(labelbottom=False)
    main.figure.align_ylabels([main, ratio])


def _legend(axes: Axes) -> None:
    """Data first, then the stack from its top."""
    handles, labels = axes.get_legend_handles_labels()
    by_label = dict(zip(labels, handles, strict=True))
    stacked = [LABELS[process] for process in reversed(STACK)]
    first = [label for label in labels if "ata" in label]
    order = [*first, *stacked, *[label for label in labels if label not in (*first, *stacked)]]
    axes.legend(
        [by_label[label] for label in order],
        order,
        fontsize=18,
        loc="upper right",
        ncols=2,
        columnspacing=1.0,
        handlelength=1.6,
    )


def _headline(axes: Axes, note: str) -> None:
    """No experiment's name: these are not its results."""
    axes.text(0.0, 1.012, note, transform=axes.transAxes, fontstyle="italic", fontsize=22, va="bottom")
    lumi = f"{LUMINOSITY / 1e3:.1f} fb$^{{-1}}$ (13 TeV)"
    axes.text(1.0, 1.012, lumi, transform=axes.transAxes, fontsize=22, va="bottom", ha="right")


@matplotlib.style.context(mplhep.style.CMS)
def draw_scan(result: FitResult, note: str) -> Figure:
    """Profile likelihood of the signal strength."""
    figure = Figure(figsize=(10, 9))
    axes = figure.subplots()
    mu, rise = np.array(result.scan).T
    axes.plot(mu, rise, "o-", color=COLOURS["ttbb"], lw=2.5)
    for level, name in ((1, r"68 %"), (4, r"95 %")):
        axes.axhline(level, color="#555555", lw=1, ls="--")
        axes.text(result.mu, level + 0.06, name, ha="center", fontsize=18)
    axes.axvline(1.0, ymax=0.75, color=COLOURS["ttH"], lw=1.5, ls=":")
    axes.set_ylim(0, 6.5)
    axes.set_xlim(mu[0], mu[-1])
    axes.set_xlabel(r"Signal strength $\mu$")
    axes.set_ylabel(r"$-2\,\Delta \ln L$")
    summary = f"{_strength(result)}\n{result.significance:.1f} $\\sigma$ ({result.expected_significance:.1f} expected)"
    axes.text(0.5, 0.93, summary, transform=axes.transAxes, va="top", ha="center", fontsize=24, linespacing=1.5)
    _headline(axes, note)
    return figure


def _strength(result: FitResult) -> str:
    return rf"$\mu = {result.mu:.2f}\,^{{+{result.error_up:.2f}}}_{{-{result.error_down:.2f}}}$"


@matplotlib.style.context(mplhep.style.CMS)
def draw_pulls(result: FitResult, note: str) -> Figure:
    """Nuisance parameters after the fit and their impacts on the signal strength, largest first."""
    figure = Figure(figsize=(14, 12))
    left, right = figure.subplots(1, 2, sharey=True, gridspec_kw={"wspace": 0.06})
    rows = np.arange(len(result.pulls))[::-1]
    left.axvspan(-1, 1, color="#e6e6e6")
    left.axvline(0, color="black", lw=1)
    left.errorbar(
        [p.value for p in result.pulls],
        rows,
        xerr=[p.error for p in result.pulls],
        fmt="o",
        color="black",
        ms=7,
        elinewidth=2,
    )
    left.set_xlim(-2.4, 2.4)
    left.set_xlabel(r"$(\hat\theta - \theta_0) / \Delta\theta$")
    left.set_yticks(rows, [p.name for p in result.pulls], fontsize=18)
    left.set_ylim(-0.8, len(rows) - 0.2)
    left.tick_params(axis="y", which="minor", left=False, right=False)
    right.barh(rows, [p.impact for p in result.pulls], color=COLOURS["ttcc"], height=0.7)
    right.axvline(0, color="black", lw=1)
    right.tick_params(axis="y", which="minor", left=False, right=False)
    right.set_xlabel(r"Impact on $\mu$")
    left.text(0.0, 1.012, note, transform=left.transAxes, fontstyle="italic", fontsize=22, va="bottom")
    right.text(1.0, 1.012, _strength(result), transform=right.transAxes, fontsize=22, va="bottom", ha="right")
    return figure


@matplotlib.style.context(mplhep.style.CMS)  # fonts are looked up when a figure is drawn, not when it is made
def save(figure: Figure, png: str | Path, pdf: str | Path) -> None:
    """Writes both formats without a date, so that the same figure is the same file."""
    figure.savefig(png, format="png", dpi=100, bbox_inches="tight", metadata={"Software": None})
    figure.savefig(pdf, format="pdf", bbox_inches="tight", metadata={"CreationDate": None})
