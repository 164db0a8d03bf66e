"""Tasks of the ttH analysis."""

import luigi

FIELDS = ("pt", "eta", "phi", "mass")


class Selection(luigi.Task):
    """The three jets of a top quark in each event, drawn from a toy: the same for the same dataset."""

    dataset = luigi.Parameter(default="ttH125", description="dataset to select events from")

    def output(self):
        return luigi.LocalTarget(f"selection_{self.dataset}.root")

    def run(self):
        import numpy as np
        import uproot

        rng = np.random.default_rng(list(self.dataset.encode()))
        jets = three_jets(2000, rng)
        resolution = rng.normal(1.0, 0.1, jets.shape)
        columns = {name: getattr(jets, name) * (resolution if name in ("pt", "mass") else 1.0) for name in FIELDS}
        with self.output().temporary_path() as path, uproot.recreate(path) as selected:
            selected.mktree("Events", dict.fromkeys(FIELDS, ("float64", (3,))))
            selected["Events"].extend(columns)


def three_jets(events, rng):
    """Jets of t -> b W -> b q q', shape (events, 3), in GeV."""
    import numpy as np
    import vector

    def decay(parent, mass):
        """A massless particle and one of `mass` from the isotropic decay of `parent`."""
        cos, phi = rng.uniform(-1, 1, events), rng.uniform(-np.pi, np.pi, events)
        p = (parent.mass**2 - mass**2) / (2 * parent.mass)
        sin = np.sqrt(1 - cos**2)
        x, y, z = p * sin * np.cos(phi), p * sin * np.sin(phi), p * cos
        light = vector.array({"px": x, "py": y, "pz": z, "E": p})
        heavy = vector.array({"px": -x, "py": -y, "pz": -z, "E": parent.mass - p})
        return light.boost_p4(parent), heavy.boost_p4(parent)

    pt, eta, phi = rng.gamma(2.2, 55.0, events), rng.normal(0, 1, events), rng.uniform(-np.pi, np.pi, events)
    b, w = decay(vector.array({"pt": pt, "eta": eta, "phi": phi, "mass": np.full(events, 172.5)}), 80.4)
    jets = (b, *decay(w, 0.0))
    return vector.array(
        {name: np.stack([getattr(jet, name) for jet in jets], axis=1) for name in ("px", "py", "pz", "E")}
    )
