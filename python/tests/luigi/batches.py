"""How tasks run together as batches, as JSON: which instances run, in which order, and what is complete afterwards.

Run under the real luigi and under Martlet's face; must be equal. Not a test by itself: see test_same_batches.py.
"""

import json
import logging
import os
import sys

if os.environ.get("MARTLET_LUIGI") != "real":
    from martlet.luigi_finder import install

    install()

import luigi

logging.disable(logging.CRITICAL)
folder = sys.argv[1]
ran = []
heard = []


class Base(luigi.Task):
    batch = luigi.Parameter()

    def output(self):
        return luigi.LocalTarget(f"{folder}/{self.task_id}")

    def note(self, value):
        ran.append([type(self).__name__, repr(value)])

    def touch(self):
        with self.output().open("w") as file:
            file.write("x")


class Latest(Base):
    n = luigi.IntParameter(batch_method=max)

    def run(self):
        self.note(self.n)
        self.touch()


class Joined(Base):
    n = luigi.Parameter(batch_method=",".join)
    other = luigi.IntParameter(default=0)

    def run(self):
        self.note((self.n, self.other))
        for n in self.n.split(","):
            Joined(batch=self.batch, n=n, other=self.other).touch()


class Two(Base):
    a = luigi.IntParameter(batch_method=tuple)
    b = luigi.IntParameter(batch_method=list)
    hidden = luigi.Parameter(default="h", significant=False)

    def run(self):
        self.note((self.a, self.b, self.hidden))


class Few(Joined):
    max_batch_size = 2


class Urgent(Joined):
    max_batch_size = 3

    @property
    def priority(self):
        return int(self.n) if self.n.isdigit() else 0


class Greedy(Joined):
    @property
    def resources(self):
        return {"thing": 1} if self.n in ("1", "2") else {}


class Never(Joined):
    @property
    def batchable(self):
        return self.n != "2"


class Failing(Joined):
    def run(self):
        self.note(self.n)
        raise ValueError("no")


class After(Base):
    n = luigi.IntParameter()

    def requires(self):
        return Joined(batch=self.batch, n=str(self.n))

    def run(self):
        self.note(self.n)
        self.touch()


class Private(Base):
    n = luigi.IntParameter(batch_method=max)
    secret = luigi.Parameter(default="none", visibility=luigi.parameter.ParameterVisibility.PRIVATE)

    def run(self):
        self.note((self.n, self.secret))
        self.touch()


CASES = {
    "latest": lambda: [Latest(batch="latest", n=n) for n in (1, 5, 3)],
    "one": lambda: [Latest(batch="one", n=1)],
    "joined": lambda: [Joined(batch="joined", n=n) for n in "abcd"],
    "others": lambda: [Joined(batch="others", n=n, other=o) for n in "abc" for o in (1, 2)],
    "two": lambda: [Two(batch="two", a=a, b=b) for a, b in ((1, 2), (3, 4), (5, 6))],
    "hidden": lambda: [Two(batch="hidden", a=a, b=a, hidden=h) for a, h in ((1, "x"), (3, "y"), (5, "x"))],
    "few": lambda: [Few(batch="few", n=n) for n in "abcde"],
    "urgent": lambda: [Urgent(batch="urgent", n=n) for n in "31542"],
    "greedy": lambda: [Greedy(batch="greedy", n=n) for n in "0123"],
    "never": lambda: [Never(batch="never", n=n) for n in "123"],
    "failing": lambda: [Failing(batch="failing", n=n) for n in "123"],
    "after": lambda: [After(batch="after", n=n) for n in (1, 2, 3)],
    "private": lambda: [Private(batch="private", n=n, secret="s") for n in (1, 2)],
}

for event in (luigi.Event.START, luigi.Event.SUCCESS, luigi.Event.FAILURE):
    def hear(task, *_, event=event):
        heard.append([event, repr(task)])

    luigi.Task.event_handler(event)(hear)

answers = {}
for case, tasks in CASES.items():
    ran.clear()
    heard.clear()
    # as roots: among the requirements of one task luigi's order is that of a set
    ok = luigi.build(tasks(), local_scheduler=True, workers=1)
    answers[case] = {
        "ok": ok,
        "ran": list(ran),
        "heard": list(heard),
        "complete": [task.complete() for task in tasks() if type(task) is not Two],
    }
print(json.dumps(answers))
