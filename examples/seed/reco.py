# reco.py
import luigi
from analyses.ttH.tasks import Selection

class Reconstruction(luigi.Task):
    dataset = luigi.Parameter(default="ttH125")

    def requires(self):
        return Selection(dataset=self.dataset)

    def output(self):
        return luigi.LocalTarget("reco_%s.root" % self.dataset)

    def run(self):
        # do whatever a reconstruction does
        import uproot
        import vector

        with uproot.open(self.input().path) as selected:
            columns = selected["Events"].arrays(["pt", "eta", "phi", "mass"], library="np")
        quarks = vector.array(columns)
        top = quarks[:, 0] + quarks[:, 1] + quarks[:, 2]
        with self.output().temporary_path() as path, uproot.recreate(path) as reconstructed:
            reconstructed.mktree("Events", {"top_pt": "float64", "top_mass": "float64"})
            reconstructed["Events"].extend({"top_pt": top.pt, "top_mass": top.mass})
