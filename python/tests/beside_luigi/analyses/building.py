"""What luigi.build() returns, and which events it tells of, as lines of text.

The events of each task in their order; those of `a chain` as they come.
"""

import sys

import luigi
import tasks
from luigi import Event

SIGNS = [
    "DEPENDENCY_DISCOVERED", "DEPENDENCY_MISSING", "DEPENDENCY_PRESENT", "BROKEN_TASK", "START", "FAILURE", "SUCCESS",
    "PROCESSING_TIME", "TIMEOUT", "PROCESS_FAILURE", "PROGRESS",
]  # fmt: skip
heard = []


def listen():
    for sign in SIGNS:

        @luigi.Task.event_handler(getattr(Event, sign))
        def hear(task, *details, sign=sign):
            shown = ["seconds" if isinstance(detail, float) else repr(detail) for detail in details]
            heard.append(" ".join([sign, str(task), *shown]))


QUESTIONS = {
    "well": [tasks.Diamond()],
    "again": [tasks.Diamond()],
    "several": [tasks.Leaf(90), tasks.Pair(), tasks.Leaf(91)],
    "failing": [tasks.AfterFailing()],
    "external": [tasks.AfterElsewhere()],
    "broken": [tasks.AfterBroken()],
    "broken requires": [tasks.AfterBrokenRequires()],
    "everything": [tasks.AllTrouble()],
    "dynamic": [tasks.Dynamic()],
    "dynamic failing": [tasks.DynamicFailing()],
    "dynamic external": [tasks.DynamicElsewhere()],
    "priorities": [tasks.Priorities()],
    "liar": [tasks.Liar()],
    "after liar": [tasks.AfterLiar()],
    "no output": [tasks.NoOutput()],
    "wrappers": [tasks.Year()],
    "a chain": [tasks.Chain(3)],
    "nothing": [],
}

if sys.argv[1] == "events":
    listen()
for name, roots in QUESTIONS.items():
    heard.clear()
    result = luigi.build(roots, local_scheduler=True, detailed_summary=True, log_level="CRITICAL") if roots else None
    if result is None:
        print(name, luigi.build(roots, local_scheduler=True, log_level="CRITICAL"))
        continue
    print(name, result.status, result.scheduling_succeeded, result.one_line_summary, str(result))
    print(result.summary_text)
    if name != "a chain":
        heard.sort(key=lambda line: line.split(" ")[1])
    for line in heard:
        print("   ", line)
print(luigi.build([tasks.Leaf(92)], local_scheduler=True, workers=2, log_level="CRITICAL"))
try:
    luigi.build(["a word"], local_scheduler=True, log_level="CRITICAL")
except Exception as error:
    print(type(error).__name__, error)
