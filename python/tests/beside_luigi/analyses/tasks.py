"""Small tasks of every kind. Each that runs says so in ran.txt."""

import datetime
import time

import luigi


class Written(luigi.Task):
    """Makes a file that tells who made it from what."""

    def output(self):
        return luigi.LocalTarget(f"out/{self.task_id}.txt")

    def run(self):
        note(self)
        read = [target.open().read() for target in luigi.task.flatten(self.input()) if target.path.endswith(".txt")]
        with self.output().open("w") as file:
            file.write(f"{self}\n" + "".join(sorted(read)))


def note(task):
    with open("ran.txt", "a") as file:
        file.write(f"{task}\n")


class Leaf(Written):
    n = luigi.IntParameter()


class Pair(Written):
    def requires(self):
        return [Leaf(1), Leaf(2)]


class Chain(Written):
    length = luigi.IntParameter(default=4)

    def requires(self):
        return Chain(self.length - 1) if self.length else []


class Diamond(Written):
    def requires(self):
        return {"left": Chain(2), "right": [Chain(1), Leaf(3)]}


class Options(Written):
    text = luigi.Parameter(default="as usual")
    number = luigi.IntParameter(default=3)
    share = luigi.FloatParameter(default=0.5)
    on = luigi.BoolParameter()
    day = luigi.DateParameter(default=datetime.date(2017, 5, 31))
    items = luigi.ListParameter(default=[1, 2])
    table = luigi.DictParameter(default={"a": 1})
    kind = luigi.ChoiceParameter(choices=["small", "large"], default="small")
    quiet = luigi.Parameter(default="q", significant=False)
    hidden = luigi.Parameter(default="h", visibility=luigi.parameter.ParameterVisibility.PRIVATE)


class UsesOptions(Written):
    def requires(self):
        return Options()


class Needed(Written):
    needed = luigi.Parameter()


class Failing(Written):
    n = luigi.IntParameter(default=1)

    def run(self):
        note(self)
        raise ValueError(f"no luck with {self.n}")


class AfterFailing(Written):
    def requires(self):
        return [Failing(1), Leaf(7)]


class FarAfterFailing(Written):
    def requires(self):
        return [AfterFailing(), Failing(2), Pair()]


class Elsewhere(luigi.ExternalTask):
    name = luigi.Parameter(default="data")

    def output(self):
        return luigi.LocalTarget(f"{self.name}.ext")


class AfterElsewhere(Written):
    def requires(self):
        return [Elsewhere(), Leaf(4)]


class Late(Elsewhere):
    """Comes into being while tasks run."""

    priority = 10


class BringsLate(Written):
    def run(self):
        open("late.ext", "w").close()
        super().run()


class AfterLate(Written):
    def requires(self):
        return [Late("late"), BringsLate()]


class AllTrouble(luigi.WrapperTask):
    def requires(self):
        return [AfterElsewhere(), FarAfterFailing(), AfterBroken()]


class BrokenRequires(Written):
    def requires(self):
        raise RuntimeError("requires() will not do")


class BrokenComplete(Written):
    def complete(self):
        raise RuntimeError("complete() will not do")


class AfterBroken(Written):
    def requires(self):
        return [BrokenComplete(), Leaf(5)]


class AfterBrokenRequires(Written):
    def requires(self):
        return [BrokenRequires(), Leaf(6)]


class BrokenOutput(Written):
    def output(self):
        raise RuntimeError("output() will not do")


class NotATask(Written):
    def requires(self):
        return ["a word"]


class Circle(Written):
    n = luigi.IntParameter(default=0)

    def requires(self):
        return Circle((self.n + 1) % 3)


class BesideCircle(Written):
    def requires(self):
        return [Circle(), BehindCircle(), Diamond()]


class BehindCircle(luigi.WrapperTask):
    def requires(self):
        return [Leaf(9), Circle(1)]


class TooMuch(Written):
    """Asks for more than there is."""

    resources = {"tape": 3}


class BesideTooMuch(Written):
    def requires(self):
        return [TooMuch(), Leaf(10)]


class Liar(Written):
    def run(self):
        note(self)


class AfterLiar(Written):
    def requires(self):
        return Liar()


class NoOutput(luigi.Task):
    def run(self):
        note(self)


class Month(luigi.WrapperTask):
    month = luigi.IntParameter()

    def requires(self):
        return [Leaf(100 * self.month + day) for day in (1, 2)]


class Year(luigi.WrapperTask):
    def requires(self):
        yield [Month(month) for month in (1, 2, 3)]
        yield {"pair": Pair()}


class Weighted(Written):
    n = luigi.IntParameter()

    @property
    def priority(self):
        return {0: 5, 1: -2, 2: 50, 3: 7, 4: 0, 5: 1}[self.n]


class Priorities(Written):
    def requires(self):
        return [Weighted(n) for n in range(6)]


class Heavy(Written):
    n = luigi.IntParameter()
    resources = {"tape": 2}


class Heavies(luigi.WrapperTask):
    def requires(self):
        return [Heavy(1), Heavy(2)]


class Dynamic(Written):
    def run(self):
        first = yield Leaf(21)
        several = yield [Leaf(22), Leaf(23)]
        named = yield {"a": Leaf(24), "b": Chain(1)}
        texts = [first.path, *(target.path for target in several), named["a"].path, named["b"].path]
        note(self)
        with self.output().open("w") as file:
            file.write("\n".join(texts))


class DynamicFailing(Written):
    def run(self):
        yield Leaf(31)
        yield Failing(3)
        note(self)


class DynamicElsewhere(Written):
    def run(self):
        yield [Elsewhere("nowhere"), Leaf(32)]
        note(self)


class DynamicTree(Written):
    depth = luigi.IntParameter(default=3)

    def run(self):
        if self.depth:
            yield [DynamicTree(self.depth - 1), Leaf(40 + self.depth)]
        note(self)
        self.output()._touchz()


class Disabled(Written):
    disabled = True


class AfterDisabled(Written):
    def requires(self):
        return [Disabled(), Leaf(8)]


class Many(luigi.WrapperTask):
    """Many families, for the summary."""

    def requires(self):
        yield Leaf(1), Leaf(2), Leaf(3), Leaf(4), Leaf(6)
        yield [Options(number=n) for n in range(12)]
        yield Options(text="a" * 300), Needed("x"), Needed("y"), Chain(2), Diamond(), Pair()
        yield [Span(n, "x") for n in (3, 4, 5)]


class Span(Written):
    n = luigi.IntParameter()
    other = luigi.Parameter()


luigi.namespace("in.space", scope=__name__)


class Spaced(Written):
    n = luigi.IntParameter(default=1)


luigi.namespace(scope=__name__)


class Daily(Written):
    day = luigi.DateParameter()


class Retried(Written):
    """Goes well at the second attempt."""

    def run(self):
        note(self)
        with open("ran.txt") as file:
            if file.read().count("Retried") < 2:
                raise OSError("the first time is never good")
        self.output()._touchz()


class RetriedSoon(Retried):
    priority = 10


class Slow(Written):
    n = luigi.IntParameter()

    def run(self):
        time.sleep(0.2)
        super().run()


class AfterSlow(Written):
    def requires(self):
        return [RetriedSoon(), Slow(1), Slow(2)]


class Messages(Written):
    """Uses what luigi's scheduler shows of a task while it runs."""

    def run(self):
        self.set_status_message("half way")
        self.set_progress_percentage(50)
        self.set_tracking_url("http://localhost/")
        note(self)
        self.output()._touchz()


class Leaving(Written):
    def run(self):
        note(self)
        raise SystemExit(3)


class OwnWords(Failing):
    """Says itself what its failure was."""

    def on_failure(self, error):
        note(f"on_failure: {error}")
        return "in my own words"

    def on_success(self):
        note("never said")


class Content(Leaf):
    def on_success(self):
        note("on_success")


if __name__ == "__main__":
    luigi.run()
