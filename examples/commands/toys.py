"""Toy events from a C++ program, counted in bins of 5 GeV by a shell pipeline."""

import martlet


class Compile(martlet.CommandTask):
    """The program that makes toy events."""

    def output(self):
        return martlet.LocalTarget("results/toys")

    def command(self):
        return ["c++", "-std=c++17", "-O2", "-o", "{output}", "toys.cpp"]


class Toys(martlet.CommandTask):
    """One file of toy events."""

    seed = martlet.IntParameter()
    events = martlet.IntParameter(default=10_000)

    exit_codes = {
        3: "the number of events makes no sense",
        74: (martlet.Exit.STORAGE, "the file could not be written"),
    }
    time_limit = "5m"

    def requires(self):
        return Compile()

    def output(self):
        return martlet.LocalTarget(f"results/toys-{self.seed}-{self.events}.txt")

    def command(self):
        return ["{input}", "{seed}", "{events}", "{output}"]


class Spectrum(martlet.CommandTask):
    """Events per bin of 5 GeV, over all files: `sort | uniq -c`."""

    files = martlet.IntParameter(default=8)

    def requires(self):
        return [Toys(seed) for seed in range(1, self.files + 1)]

    def output(self):
        return martlet.LocalTarget(f"results/spectrum-{self.files}.txt")

    def command(self):
        return "cat {input} | awk '{{print 5 * int($1 / 5)}}' | sort -n | uniq -c > {output}"


class Peak(martlet.Task):
    """The fullest bin above 110 GeV, found in Python: commands and Python tasks need each other as they like."""

    files = martlet.IntParameter(default=8)

    def requires(self):
        return Spectrum(self.files)

    def output(self):
        return martlet.LocalTarget(f"results/peak-{self.files}.txt")

    def run(self):
        with self.input().open() as spectrum:
            bins = [tuple(map(int, line.split())) for line in spectrum]
        count, low = max(entry for entry in bins if entry[1] >= 110)
        with self.output().open("w") as peak:
            peak.write(f"{count} events from {low} to {low + 5} GeV\n")


if __name__ == "__main__":
    martlet.run()
