"""A ttH search in miniature.

    martlet run tth.py TTH --workers 2
    python tth.py TTH --workers 2

`--help` lists tasks and options; README.md of the folder above and docs/demo.md tell what is done and why.
"""

import martlet  # noqa: F401  (runs the task that the command line names)
from tasks import TTH, Events, Fit, FitPlots, Histograms, Plot, Plots, Reconstruction, Selection

__all__ = ["TTH", "Events", "Fit", "FitPlots", "Histograms", "Plot", "Plots", "Reconstruction", "Selection"]
