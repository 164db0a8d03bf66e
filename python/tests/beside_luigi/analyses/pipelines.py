"""Six small pipelines of the shapes that published ones have."""

import csv
import datetime
import json
import math

from luigi.contrib.external_program import ExternalProgramTask
from luigi.util import inherits, requires

import luigi


# a day's data: extracted, cleaned, loaded; days depend on the day before
class Extract(luigi.Task):
    day = luigi.DateParameter()

    def output(self):
        return luigi.LocalTarget(self.day.strftime("raw/%Y/%m/%d.csv"))

    def run(self):
        with self.output().open("w") as file:
            csv.writer(file).writerows([i, (i * self.day.day) % 7] for i in range(10))


@requires(Extract)
class Clean(luigi.Task):
    least = luigi.IntParameter(default=2)

    def output(self):
        return luigi.LocalTarget(f"clean/{self.day:%Y%m%d}_{self.least}.csv")

    def run(self):
        with self.input().open() as raw, self.output().open("w") as clean:
            csv.writer(clean).writerows(row for row in csv.reader(raw) if int(row[1]) >= self.least)


@inherits(Clean)
class Load(luigi.Task):
    def requires(self):
        yesterday = self.day - datetime.timedelta(days=1)
        before = [self.clone(Load, day=yesterday)] if yesterday >= datetime.date(2024, 2, 27) else []
        return {"today": self.clone(Clean), "before": before}

    def output(self):
        return luigi.LocalTarget(f"table/{self.day}.json")

    def run(self):
        total = sum(json.load(target.open()) for target in self.input()["before"])
        with self.input()["today"].open() as file:
            total += sum(int(row[1]) for row in csv.reader(file))
        with self.output().open("w") as file:
            json.dump(total, file)


# how many parts there are is known when the first task has run
class Split(luigi.Task):
    def output(self):
        return luigi.LocalTarget("parts.json")

    def run(self):
        with self.output().open("w") as file:
            json.dump([3, 1, 4, 1, 5], file)


class Part(luigi.Task):
    number = luigi.IntParameter()
    value = luigi.IntParameter()

    def output(self):
        return luigi.LocalTarget(f"part_{self.number}.txt")

    def run(self):
        with self.output().open("w") as file:
            file.write(str(self.value**2))


class Merge(luigi.Task):
    def requires(self):
        return Split()

    def output(self):
        return luigi.LocalTarget("merged.txt")

    def run(self):
        with self.input().open() as file:
            values = json.load(file)
        parts = yield [Part(number, value) for number, value in enumerate(values)]
        with self.output().open("w") as file:
            file.write("+".join(part.open().read() for part in parts))


# programs
class Sorted(ExternalProgramTask):
    words = luigi.ListParameter(default=["pear", "apple", "fig"])

    def program_args(self):
        return ["sh", "-c", 'out=$1; shift; printf "%s\\n" "$@" | sort > "$out"', "sh", self.output().path, *self.words]

    def output(self):
        return luigi.LocalTarget("sorted.txt")


class Broken(ExternalProgramTask):
    def program_args(self):
        return ["sh", "-c", "exit 3"]

    def output(self):
        return luigi.LocalTarget("never.txt")


# a sweep, and the best of it
class Trial(luigi.Task):
    rate = luigi.FloatParameter()
    depth = luigi.IntParameter()

    def output(self):
        return luigi.LocalTarget(f"trials/{self.task_id}.json")

    def run(self):
        with self.output().open("w") as file:
            json.dump({"rate": self.rate, "depth": self.depth, "loss": abs(self.rate - 0.1) + 1 / self.depth}, file)


class Sweep(luigi.Task):
    rates = luigi.ListParameter(default=[0.01, 0.1, 1.0])
    depths = luigi.TupleParameter(default=(1, 2, 3))

    def requires(self):
        return [Trial(rate, depth) for rate in self.rates for depth in self.depths]

    def output(self):
        return luigi.LocalTarget("best.json")

    def run(self):
        trials = [json.load(target.open()) for target in self.input()]
        with self.output().open("w") as file:
            json.dump(min(trials, key=lambda trial: trial["loss"]), file)


# wrappers of wrappers
class Week(luigi.WrapperTask):
    start = luigi.DateParameter()

    def requires(self):
        return [Clean(day=self.start + datetime.timedelta(days=n)) for n in range(3)]


class Report(luigi.WrapperTask):
    weeks = luigi.DateIntervalParameter()

    def requires(self):
        yield [Week(day) for day in self.weeks.dates()[::7]]
        yield Sweep(rates=[0.5])


# samples, features, a fit, its evaluation
class Samples(luigi.Task):
    kind = luigi.ChoiceParameter(choices=["train", "test"])
    seed = luigi.IntParameter(default=1, significant=False)

    def output(self):
        return luigi.LocalTarget(f"samples_{self.kind}.json")

    def run(self):
        shift = 0.0 if self.kind == "train" else 0.5
        with self.output().open("w") as file:
            json.dump([[x + shift, 2.5 * (x + shift) + math.sin(x)] for x in range(20)], file)


class Fit(luigi.Task):
    penalty = luigi.FloatParameter(default=0.0)

    def requires(self):
        return Samples(kind="train")

    def output(self):
        return {"model": luigi.LocalTarget("model.json"), "log": luigi.LocalTarget("fit.log")}

    def run(self):
        points = json.load(self.input().open())
        slope = sum(x * y for x, y in points) / (sum(x * x for x, _ in points) + self.penalty)
        with self.output()["model"].open("w") as model, self.output()["log"].open("w") as log:
            json.dump(round(slope, 9), model)
            log.write(f"{len(points)} points\n")


@requires(fit=Fit, samples=Samples)
class Evaluate(luigi.Task):
    kind = luigi.Parameter(default="test")

    def output(self):
        return luigi.LocalTarget(f"score_{self.kind}.txt")

    def run(self):
        slope = json.load(self.input()["fit"]["model"].open())
        points = json.load(self.input()["samples"].open())
        with self.output().open("w") as file:
            file.write(f"{max(abs(y - slope * x) for x, y in points):.6f}\n")


if __name__ == "__main__":
    luigi.run()
