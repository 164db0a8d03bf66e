"""What luigi answers to a list of questions, as JSON. Run under the real luigi and under Martlet's; must be equal.

Not a test by itself: see test_same_as_luigi.py.
"""

# ruff: noqa: B023, E501
# Every question is asked at once, before the loop goes on; lines are a table.

import datetime
import enum
import json
import operator
import os
import sys
import tempfile
import warnings

if os.environ.get("MARTLET_LUIGI") != "real":
    from martlet.luigi_finder import install

    install()

import luigi.util
from luigi.freezing import FrozenOrderedDict, recursively_freeze, recursively_unfreeze
from luigi.parameter import ParameterVisibility
from luigi.task import externalize, flatten, flatten_output, getpaths, task_id_str
from luigi.task_register import Register

import luigi
from luigi import date_interval

answers = []


def ask(label, question):
    """Notes what a call returns, raises and warns of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            answer = repr(question())
        except Exception as error:  # what it raises is the answer
            answer = f"{type(error).__name__ if not isinstance(error, TypeError) else 'Exception'}: {error}"
    told = [f"{w.category.__name__}: {w.message}" for w in caught if w.category is not ResourceWarning]
    answers.append([label, answer, told])


class Color(enum.Enum):
    red = 1
    blue = 2


class All(luigi.Task):
    pass


class Many(luigi.Task):
    a = luigi.Parameter()
    b = luigi.IntParameter(default=3)
    c = luigi.FloatParameter(default=0.5)
    d = luigi.BoolParameter()
    e = luigi.DateParameter(default=datetime.date(2017, 5, 31))
    f = luigi.ListParameter(default=[1, [2, "x"]])
    g = luigi.DictParameter(default={"k": {"m": [1]}})
    h = luigi.EnumParameter(enum=Color, default=Color.red)
    i = luigi.TimeDeltaParameter(default=datetime.timedelta(days=8, seconds=3661))
    j = luigi.Parameter(default="secret", visibility=ParameterVisibility.PRIVATE)
    k = luigi.Parameter(default="hidden", visibility=ParameterVisibility.HIDDEN)
    m = luigi.Parameter(default="no", significant=False)
    n = luigi.TupleParameter(default=((1, 2), (3, 4)))
    o = luigi.OptionalIntParameter()
    p = luigi.ChoiceParameter(choices=["x"], default="x", positional=False)
    q = luigi.MonthParameter(default=datetime.date(2017, 5, 31))
    r = luigi.DateHourParameter(default=datetime.datetime(2017, 5, 31, 19, 7))
    s = luigi.EnumListParameter(enum=Color, default=(Color.blue, Color.red))
    t = luigi.TaskParameter(default=All)
    u = luigi.PathParameter(default="some/path")
    v = luigi.DateIntervalParameter(default=date_interval.Week(2017, 22))
    w = luigi.NumericalParameter(var_type=int, min_value=0, max_value=5, default=1)


class Child(Many):
    b = luigi.IntParameter(default=4)
    z = luigi.Parameter(default="z")


def tasks():
    yield All()
    yield Many("a / long-ish value, with ünicode")
    yield Many("x", 5, 1e-7, True)
    yield Many(a="", f=(), g={}, o=7)
    yield Child("c", d="true", p="x")


for number, task in enumerate(tasks()):
    ask(f"id {number}", lambda: task.task_id)
    ask(f"repr {number}", lambda: task)
    ask(f"str params {number}", lambda: sorted(task.to_str_params().items()))
    ask(f"public {number}", lambda: sorted(task.to_str_params(only_significant=True, only_public=True).items()))
    ask(f"names {number}", lambda: type(task).get_param_names(include_significant=True))
    ask(f"again {number}", lambda: type(task).from_str_params(task.to_str_params()) == task)
    ask(f"kwargs {number}", lambda: list(task.param_kwargs))
    ask(f"complete {number}", lambda: task.complete())
    ask(f"visibilities {number}", lambda: task._get_param_visibilities())

ask("missing", lambda: Many())
ask("unknown", lambda: Many("a", nope=1))
ask("duplicate", lambda: Many("a", a="b"))
ask("too many", lambda: All(1))
ask("choice", lambda: Many("a", p="y"))
ask("not text", lambda: Many(17))
ask("wrong optional", lambda: Many("a", o="7"))
ask("no class", lambda: Register.get_task_cls("Manny"))
ask("task ids", lambda: [task_id_str("F", {"b": "1", "a": "x" * 40, "c": "ü", "d": "4"}), task_id_str("F", {})])

TEXTS = {
    luigi.IntParameter(): ["1", "-7", "x", "1.5"],
    luigi.FloatParameter(): ["1", "1e3", "nan", "x"],
    luigi.BoolParameter(): ["true", "FALSE", "1", ""],
    luigi.DateParameter(): ["2017-05-31", "2017-5-1", "31.5.2017"],
    luigi.MonthParameter(interval=5): ["2017-05", "2017"],
    luigi.YearParameter(interval=3): ["2017", "17"],
    luigi.DateHourParameter(interval=5): ["2017-05-31T19", "2017-05-31"],
    luigi.DateMinuteParameter(interval=7): ["2017-05-31T1907", "2017-05-31T19H07"],
    luigi.DateSecondParameter(interval=11): ["2017-05-31T190738"],
    luigi.TimeDeltaParameter(): ["5", "1.5", "1 w 2 d", "P1DT2H3M", "P2W", "3 hours", "PT0S", "0 d", "soon", "2 s 3 h"],
    luigi.DateIntervalParameter(): ["2017", "2017-05", "2017-W22", "2017-05-31", "2017-05-01-2017-05-31", "2017-13", "x"],
    luigi.ListParameter(): ["[1, [2]]", "null", "{", '{"a": 1}'],
    luigi.TupleParameter(): ["[[1, 2], [3]]", "((1, 2), (3, 4))", "(1, 2)", "[1, 2]", '("abc")', '["ab", "c"]'],
    luigi.DictParameter(): ['{"b": [1], "a": {"c": null}}', "[1]", "x"],
    luigi.EnumParameter(enum=Color): ["red", "green"],
    luigi.EnumListParameter(enum=Color): ["red,blue", "", "red,green"],
    luigi.ChoiceListParameter(choices=["a", "b"]): ["b,a", "", "c"],
    luigi.ChoiceParameter(choices=[1], var_type=int): ["1", "2"],
    luigi.NumericalParameter(var_type=float, min_value=0, max_value=1, right_op=operator.le): ["0", "1", "1.1", "-1"],
    luigi.OptionalParameter(): ["", "x"],
    luigi.OptionalIntParameter(): ["", "4", "x"],
    luigi.OptionalListParameter(): ["", "[1]"],
    luigi.OptionalChoiceParameter(choices=["a"]): ["", "a", "b"],
    luigi.PathParameter(absolute=False): ["a/../b"],
    luigi.StrParameter(): ["x", ""],
}
for parameter, texts in TEXTS.items():
    for text in texts:
        name = f"{type(parameter).__name__} {text!r}"
        ask(f"parse {name}", lambda: parameter.parse(text))
        ask(f"normal {name}", lambda: parameter.normalize(parameter.parse(text)))
        ask(f"serial {name}", lambda: parameter.serialize(parameter.normalize(parameter.parse(text))))
        ask(f"next {name}", lambda: parameter.next_in_enumeration(parameter.normalize(parameter.parse(text))))
ask("descriptions", lambda: [p.description for p in (luigi.ChoiceParameter(choices=["only"], description="d"),
                                                     luigi.NumericalParameter(var_type=int, min_value=0, max_value=1))])
ask("bool flags", lambda: [sorted(luigi.BoolParameter(parsing=p)._parser_kwargs("a", "T").items(), key=str)
                           for p in ("implicit", "explicit")])
ask("frozen", lambda: [recursively_freeze({"a": [1, {"b": 2}]}), recursively_unfreeze(FrozenOrderedDict(a=(1,)))])

for interval in (date_interval.Year(2016), date_interval.Month(2016, 12), date_interval.Week(2015, 53),
                 date_interval.Date(2016, 2, 29)):
    ask(f"interval {interval}", lambda: [interval.next(), interval.prev(), len(interval.dates()), hash(interval) ==
                                         hash(repr(interval)), interval < interval.next(), interval.date_b])

folder = tempfile.mkdtemp()


class Leaf(luigi.Task):
    name = luigi.Parameter()

    def output(self):
        return luigi.LocalTarget(os.path.join(folder, self.name))

    def run(self):
        with self.output().open("w") as file:
            file.write(self.name + "\n")


class Wrap(luigi.WrapperTask):
    def requires(self):
        return {"a": Leaf("a"), "b": [Leaf("b"), (leaf for leaf in [Leaf("c")])]}


def short(struct):
    return [os.path.basename(target.path) for target in flatten(struct)]


ask("wrap", lambda: [Wrap().complete(), Wrap().deps(), short(Wrap().input()), short(flatten_output(Wrap()))])
ask("leaf", lambda: [Leaf("a").complete(), Leaf("a").run(), Leaf("a").complete()])
ask("getpaths", lambda: type(getpaths((Leaf("a"), Leaf("b")))).__name__)
ask("external", lambda: [externalize(Leaf("a")).run, externalize(Leaf).run, externalize(Leaf).__name__])
ask("clone", lambda: [Leaf("a").clone(name="b"), Many("q").clone(Leaf, name="c")])
ask("flatten", lambda: [flatten(None), flatten("ab"), flatten(3), flatten({"b": [1, {"c": 2}]}), flatten(iter([1]))])


@luigi.util.inherits(Many)
class Inheriting(luigi.Task):
    own = luigi.Parameter(default="own")

    def requires(self):
        return self.clone_parent(b=9)


@luigi.util.requires(Leaf)
class Requiring(luigi.Task):
    pass


@luigi.util.requires(x=Leaf, y=Many)
class RequiringNamed(luigi.Task):
    pass


@luigi.util.copies(Leaf)
class Copying(luigi.Task):
    def output(self):
        return luigi.LocalTarget(os.path.join(folder, "copy"))


@luigi.util.delegates
class Delegating(luigi.Task):
    def subtasks(self):
        return [Wrap(), Leaf("sub")]

    def run(self):
        self.ran = self.subtasks()[1].complete()


ask("inherits", lambda: [Inheriting("x").requires(), [n for n, _ in Inheriting.get_params()][-3:]])
ask("requires", lambda: [Requiring("r").requires(), sorted(RequiringNamed(name="n", a="a").requires())])
ask("copies", lambda: [Copying("a").run(), Copying("a").output().open().read(), Copying("a")])
ask("delegates", lambda: [Delegating().deps(), Delegating().run(), Delegating().ran])
ask("common", lambda: sorted(luigi.util.common_params(Many("a"), Child)))


class Daily(luigi.Task):
    date = luigi.DateParameter()
    other = luigi.Parameter(default="o")

    def complete(self):
        return self.date < datetime.date(2017, 5, 29)


ask("previous", lambda: [luigi.util.previous(Daily(datetime.date(2017, 3, 1))),
                         luigi.util.get_previous_completed(Daily(datetime.date(2017, 5, 31))),
                         luigi.util.get_previous_completed(Daily(datetime.date(2018, 5, 31)), 2)])
ask("no previous", lambda: luigi.util.previous(Leaf("a")))

luigi.namespace("my.space", scope=__name__)


class Spaced(luigi.Task):
    p = luigi.Parameter(default="x")


luigi.namespace(scope=__name__)
ask("namespace", lambda: [Spaced(), Spaced.task_family, Spaced().task_family, Spaced().task_id, Spaced().task_module])
heard = []
Leaf.event_handler(luigi.Event.SUCCESS)(lambda task: heard.append(task))
ask("events", lambda: [Leaf("a").trigger_event(luigi.Event.SUCCESS, Leaf("a")), heard])

config = luigi.configuration.get_config()
config.set("Many", "b", "11")
config.set("Many", "a", "from config")
config.set("Many", "unheard_of", "x")
ask("configured", lambda: [Many().a, Many().b])
ask("unconsumed once", lambda: Many().b)
config.set("Many", "b", "eleven")
ask("malformed", lambda: Many())
os.environ["SOME_VARIABLE"] = "value"
config.set("s", "dashed-name", "${SOME_VARIABLE}/x")
ask("environment", lambda: config.get("s", "dashed_name"))
ask("no default", lambda: config.get("s", "nothing"))
ask("defaults", lambda: [config.get("s", "nothing", None), config.getint("s", "no", 3), config.getboolean("t", "u", True)])
ask("intdict", lambda: config.getintdict("nowhere"))

public = [name for name in luigi.__all__ if name not in ("range", "rpc", "RemoteScheduler", "RPCError", "LuigiStatusCode")]
if os.environ.get("MARTLET_LUIGI") != "real":
    missing = [name for name in os.environ["LUIGI_NAMES"].split(",") if not hasattr(luigi, name)]
    if missing:
        sys.exit(f"missing names: {missing}")
print(json.dumps({"answers": answers, "names": public}))
