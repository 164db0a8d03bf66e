"""The steering of the ttH search: which file comes from which. The physics is in the package `physics`.

Physics modules are imported where a task runs, not here: looking for what is left to do needs none of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import martlet
import paths
from physics.datasets import DATASETS, SIMULATED
from physics.shifts import NOMINAL, OBJECT_SHIFTS, SHIFTS, object_shift
from physics.variables import FIGURES, FITTED, REGIONS, VARIABLES

RESULTS = martlet.store("results")
"""Where results go: martlet.toml says where that is."""


class Analysis(martlet.Task):
    """What all tasks share: where events come from and which of them are taken."""

    source = martlet.Parameter(
        default="",
        description="NanoAOD to analyse: a file, a folder, or a folder with one folder a dataset; empty: the toy",
    )
    size = martlet.FloatParameter(
        default=1.0, description="simulated events, relative to the full toy; ignored with --source"
    )
    cuts = martlet.ChoiceParameter(
        choices=["signal", "loose"], default="signal", description="selection to apply (physics/selection.py)"
    )

    def settings(self) -> dict[str, object]:
        """The shared parameters, for the tasks this one requires."""
        return {"source": self.source, "size": self.size, "cuts": self.cuts}

    def result(self, *names: str) -> martlet.FileTarget:
        """A file among the results."""
        return RESULTS.target(paths.campaign(self.source, self.size, self.cuts), *names)

    @property
    def note(self) -> str:
        """What figures say about the origin of their events."""
        return "Private work" if self.source else "Private work (toy simulation)"


class ExternalEvents(martlet.ExternalTask):
    """A NanoAOD file that is there already."""

    path = martlet.Parameter(description="the file")

    def output(self) -> martlet.LocalTarget:
        return martlet.LocalTarget(self.path)


class Events(Analysis):
    """One file of events in NanoAOD: simulated here."""

    dataset = martlet.ChoiceParameter(choices=list(DATASETS), description="dataset")
    file = martlet.Parameter(description="name of the file")

    def output(self) -> martlet.FileTarget:
        return self.result("events", self.dataset, self.file)

    def run(self) -> None:
        from physics import toy

        with self.output().temporary_path() as path:
            toy.write_simulated(DATASETS[self.dataset], self.file, path, self.size)


class Selection(Analysis):
    """Lepton+jets events of one file, under one shift of object energies."""

    dataset = martlet.ChoiceParameter(choices=list(DATASETS), description="dataset")
    file = martlet.Parameter(description="name of the file")
    shift = martlet.ChoiceParameter(
        choices=[NOMINAL, *OBJECT_SHIFTS], default=NOMINAL, description="shift of object energies"
    )

    def requires(self) -> martlet.Task:
        if not self.source:
            return Events(dataset=self.dataset, file=self.file, **self.settings())
        for path in paths.external_files(self.source, self.dataset):
            if path.name == self.file:
                return ExternalEvents(path=str(path))
        raise paths.SourceError(f"--source {self.source}: dataset {self.dataset} has no file {self.file}")

    def output(self) -> martlet.FileTarget:
        return self.result("selection", self.shift, self.dataset, self.file)

    def run(self) -> None:
        from physics import nanoaod, selection

        with self.input().localize() as events:
            sample = nanoaod.read(events.path, theory=self.shift == NOMINAL)
        selected = selection.select(sample, self.shift, selection.CUTS[self.cuts])
        with self.output().temporary_path() as path:
            selection.write(selected, path)


class Reconstruction(Analysis):
    """Top quarks and Higgs candidates in all selected events of a dataset."""

    dataset = martlet.ChoiceParameter(choices=list(DATASETS), description="dataset")
    shift = martlet.ChoiceParameter(
        choices=[NOMINAL, *OBJECT_SHIFTS], default=NOMINAL, description="shift of object energies"
    )

    def requires(self) -> list[Selection]:
        if self.source:
            files = [path.name for path in paths.external_files(self.source, self.dataset)]
        else:
            files = DATASETS[self.dataset].simulated_files()
        return [Selection(dataset=self.dataset, file=file, shift=self.shift, **self.settings()) for file in files]

    def output(self) -> martlet.FileTarget:
        return self.result("reconstruction", self.shift, f"{self.dataset}.root")

    def run(self) -> None:
        from physics import reconstruction, selection

        with martlet.TargetCollection(self.input()).localize() as files:
            selected = selection.load([file.path for file in files])
        with self.output().temporary_path() as path:
            reconstruction.write(*reconstruction.reconstruct(selected), path)


class Histograms(Analysis):
    """All variables of a dataset under one shift. Shifts of weights use the nominal reconstruction."""

    dataset = martlet.ChoiceParameter(choices=list(DATASETS), description="dataset")
    shift = martlet.ChoiceParameter(choices=list(SHIFTS), default=NOMINAL, description="systematic shift")

    def requires(self) -> Reconstruction:
        return Reconstruction(dataset=self.dataset, shift=object_shift(self.shift), **self.settings())

    def output(self) -> martlet.FileTarget:
        return self.result("histograms", self.dataset, f"{self.shift}.root")

    def run(self) -> None:
        from physics import histograms

        with self.input().localize() as reconstructed:
            made = histograms.make(self.dataset, self.shift, reconstructed.path)
        with self.output().temporary_path() as path:
            histograms.write(made, path)


class NeedsHistograms:
    """What figures and fit have in common: they need every histogram file."""

    def requires(self) -> dict[str, Histograms]:
        wanted = [(dataset, shift) for dataset in SIMULATED for shift in SHIFTS]
        wanted += [(dataset, NOMINAL) for dataset in DATASETS if dataset not in SIMULATED]
        return {
            f"{dataset}/{shift}": Histograms(dataset=dataset, shift=shift, **self.settings())
            for dataset, shift in wanted
        }

    @contextmanager
    def histogram_files(self) -> Iterator[dict[str, str]]:
        """Local paths by `<dataset>/<shift>`; what lies elsewhere is fetched all at once."""
        with martlet.TargetCollection(self.input()).localize() as files:
            yield {name: file.path for name, file in files.items()}


class Plot(NeedsHistograms, Analysis):
    """One figure: stacked prediction, data, uncertainties and ratio."""

    variable = martlet.ChoiceParameter(choices=list(VARIABLES), description="variable to draw")
    region = martlet.ChoiceParameter(choices=list(REGIONS), default="good", description="region of the analysis")

    def output(self) -> dict[str, martlet.FileTarget]:
        return {kind: self.result("plots", f"{self.variable}_{self.region}.{kind}") for kind in ("png", "pdf")}

    def run(self) -> None:
        from physics import plotting, templates

        with self.histogram_files() as files:
            gathered = templates.gather(files, self.region, self.variable)
        figure = plotting.draw_stack(gathered, self.variable, self.region, self.note)
        with self.output()["png"].temporary_path() as png, self.output()["pdf"].temporary_path() as pdf:
            plotting.save(figure, png, pdf)


class Fit(NeedsHistograms, Analysis):
    """Signal strength from the mass of the Higgs candidate in all regions."""

    def output(self) -> martlet.FileTarget:
        return self.result("fit", "fit.json")

    def run(self) -> None:
        from physics import fit, templates

        with self.histogram_files() as files:
            result = fit.fit({region: templates.gather(files, region, FITTED) for region in REGIONS})
        with self.output().open("w") as file:
            file.write(result.to_json())
        print(f"mu = {result.mu:.2f} +{result.error_up:.2f} -{result.error_down:.2f}")


class FitPlots(Analysis):
    """Figures of the fit: likelihood scan, nuisance parameters and their impacts."""

    def requires(self) -> Fit:
        return Fit(**self.settings())

    def output(self) -> dict[str, martlet.FileTarget]:
        names = ("scan", "pulls")
        return {f"{name}.{kind}": self.result("fit", f"{name}.{kind}") for name in names for kind in ("png", "pdf")}

    def run(self) -> None:
        from physics import fit, plotting

        with self.input().open() as file:
            result = fit.FitResult.from_json(file.read())
        for name, draw in (("scan", plotting.draw_scan), ("pulls", plotting.draw_pulls)):
            png, pdf = (self.output()[f"{name}.{kind}"] for kind in ("png", "pdf"))
            with png.temporary_path() as png_path, pdf.temporary_path() as pdf_path:
                plotting.save(draw(result, self.note), png_path, pdf_path)


class Plots(Analysis, martlet.WrapperTask):
    """All figures of the analysis."""

    def requires(self) -> Iterator[martlet.Task]:
        for variable, region in FIGURES:
            yield Plot(variable=variable, region=region, **self.settings())


class TTH(Analysis, martlet.WrapperTask):
    """The whole analysis: figures and fit."""

    def requires(self) -> Iterator[martlet.Task]:
        if self.source:
            paths.require_folders(self.source)
        yield Plots(**self.settings())
        yield Fit(**self.settings())
        yield FitPlots(**self.settings())
