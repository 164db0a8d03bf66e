"""Task classes that the tests of the run loop share."""

from __future__ import annotations

import ctypes
import faulthandler
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, ClassVar

import martlet
from martlet.parameters import IntParameter, Parameter
from martlet.targets.local import LocalTarget
from martlet.task import ExternalTask, Task, WrapperTask


class Number(Task):
    """Writes its number."""

    folder = Parameter()
    n = IntParameter()

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/number-{self.n}")

    def run(self) -> None:
        with open(f"{self.folder}/ran", "a") as log:
            log.write(f"number-{self.n}\n")
        with self.output().open("w") as file:
            file.write(str(self.n))


class Total(Task):
    """Adds numbers up."""

    folder = Parameter()
    count = IntParameter()

    def requires(self) -> Any:
        return [Number(self.folder, n) for n in range(self.count)]

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/total-{self.count}")

    def run(self) -> None:
        with open(f"{self.folder}/ran", "a") as log:
            log.write(f"total-{self.count}\n")
        with self.output().open("w") as file:
            file.write(str(sum(int(number.open().read()) for number in self.input())))


class Data(ExternalTask):
    """Comes from elsewhere."""

    folder = Parameter()

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/data")


class Trouble(Task):
    """Ends in the way that is asked for."""

    folder = Parameter()
    kind = Parameter()

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/trouble-{self.kind}")

    def run(self) -> None:
        print(f"about to {self.kind}", flush=True)
        getattr(self, self.kind)()

    def fail(self) -> None:
        raise ValueError("the jets are gone")

    def forget(self) -> None:
        pass

    def leave(self) -> None:
        sys.exit(3)

    def vanish(self) -> None:
        os._exit(7)

    def segfault(self) -> None:
        faulthandler.disable()  # pytest's would print where
        os.kill(os.getpid(), signal.SIGSEGV)

    def half(self) -> None:
        with self.output().open("w") as file:
            file.write("half of it")
            raise RuntimeError("interrupted while writing")

    def killed_half(self) -> None:
        with self.output().open("w") as file:
            file.write("half of it")
            file.flush()
            os.kill(os.getpid(), signal.SIGKILL)

    def wander(self) -> None:
        os.chdir("/")
        os.environ["WANDERED"] = "yes"
        os.umask(0o777)
        self._make()

    def move(self) -> None:
        """Makes its output, but elsewhere."""
        os.makedirs(f"{self.folder}/sub")
        os.chdir(f"{self.folder}/sub")
        Path("trouble-move").write_text("made")

    def close_streams(self) -> None:
        sys.stdout = sys.stderr = open(os.devnull, "w")
        sys.stdout.close()
        self._make()

    def close_streams_and_fail(self) -> None:
        sys.stdout = sys.stderr = open(os.devnull, "w")
        sys.stdout.close()
        raise ValueError("and the streams are gone")

    def no_stream(self) -> None:
        sys.stderr = None  # type: ignore[assignment]
        self._make()

    def mute(self) -> None:
        class Mute(Exception):
            def __str__(self) -> str:
                raise RuntimeError("no words")

        raise Mute

    def long_winded(self) -> None:
        raise ValueError("x" * 5_000_000)

    def handlers(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        logging.getLogger().addHandler(logging.NullHandler())
        self._make()

    def daemon(self) -> None:
        """Leaves a process behind that has left the group and keeps every descriptor open."""
        if os.fork() == 0:
            os.setsid()
            time.sleep(30)
            os._exit(0)
        os._exit(7)

    def thread(self) -> None:
        threading.Thread(target=threading.Event().wait, daemon=True).start()
        self._make()

    def _make(self) -> None:
        with self.output().open("w") as file:
            file.write("made")


class Wrapper(WrapperTask):
    """Holds several tasks together."""

    folder = Parameter()
    kinds = martlet.ListParameter()
    count = IntParameter(default=0)

    def requires(self) -> Any:
        needed: list[Any] = [Trouble(self.folder, kind) for kind in self.kinds]
        if self.count:
            needed.append(Total(self.folder, self.count))
        return needed


class Odd(Task):
    """User code that raises where only names and numbers are asked for."""

    where = Parameter()

    def output(self) -> Any:
        return LocalTarget("/nowhere/\0odd" if self.where == "path" else "/nowhere/odd")

    def __repr__(self) -> str:
        if self.where == "repr":
            raise KeyError("title")
        return super().__repr__()

    @property
    def priority(self) -> Any:
        if self.where == "priority":
            raise KeyError("priority")
        return 0

    def process_resources(self) -> Any:
        if self.where == "resources":
            raise KeyError("resources")
        return {}

    def on_failure(self, exception: BaseException) -> Any:
        if self.where == "on_failure":
            sys.exit(3)
        return super().on_failure(exception)

    def run(self) -> None:
        raise ValueError("odd")


class Own(Task):
    """Has a priority and resources of its own, set on the instance."""

    folder = Parameter()
    n = IntParameter()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.priority = self.n
        self.resources = {"licence": 5} if self.n == 9 else {}

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/own-{self.n}")

    def run(self) -> None:
        with open(f"{self.folder}/ran", "a") as log:
            log.write(f"own-{self.n}\n")
        with self.output().open("w") as file:
            file.write("x")


class Plain(Task):
    """Makes nothing."""

    def run(self) -> None:
        pass


class PlainWrapper(WrapperTask):
    """Holds a task that makes nothing."""

    def requires(self) -> Any:
        return Plain()


class NeedsData(Task):
    """Needs what comes from elsewhere."""

    folder = Parameter()

    def requires(self) -> Any:
        return Data(self.folder)

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/needs-data")

    def run(self) -> None:
        Path(self.output().path).write_text("x")


class Circle(Task):
    """Needs itself around two corners."""

    n = IntParameter(default=0)

    def requires(self) -> Any:
        return Circle((self.n + 1) % 3)

    def output(self) -> Any:
        return LocalTarget(f"/nowhere/circle-{self.n}")


class Broken(Task):
    """Cannot be planned."""

    where = Parameter()

    def requires(self) -> Any:
        if self.where == "requires":
            raise KeyError("dataset")
        return []

    def output(self) -> Any:
        if self.where == "output":
            raise KeyError("path")
        return LocalTarget("/nowhere/broken")


class Undecided(Task):
    """Its complete() says neither yes nor no."""

    def complete(self) -> Any:
        return "perhaps"


class Flaky(Task):
    """Fails so often before it ends well."""

    folder = Parameter()
    failures = IntParameter()
    kind = Parameter(default="error")
    retry = martlet.Retry(error=2, lost=1, storage=1, memory=1, delay=0.01)

    @property
    def resources(self) -> Any:
        return {"memory_gb": 2} if self.kind == "memory" else {}

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/flaky-{self.kind}-{self.failures}")

    def run(self) -> None:
        with open(f"{self.folder}/ran", "a") as log:
            log.write("try\n")
        if len(Path(f"{self.folder}/ran").read_text().split()) <= self.failures:
            self._fail()
        with self.output().open("w") as file:
            file.write("x")

    def _fail(self) -> None:
        if self.kind == "lost":
            os._exit(9)
        if self.kind == "storage":
            raise TimeoutError("the server does not answer")
        if self.kind == "memory":
            raise MemoryError
        raise ValueError("not yet")


class Asks(Task):
    """Finds out what it needs while it runs."""

    folder = Parameter()
    how = Parameter()
    sandbox = None

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/asks-{self.how}")

    def run(self) -> Any:
        with open(f"{self.folder}/ran", "a") as log:
            log.write(f"begin-{self.how}\n")
        answer = yield from getattr(self, self.how)()
        with self.output().open("w") as file:
            file.write(str(answer))

    def single(self) -> Any:
        target = yield Number(self.folder, 1)
        return target.open().read()

    def several(self) -> Any:
        targets = yield [Number(self.folder, 1), Number(self.folder, 2)]
        named = yield {"three": Number(self.folder, 3), "more": [Number(self.folder, 4)]}
        return sum(int(t.open().read()) for t in [*targets, named["three"], *named["more"]])

    def nothing(self) -> Any:
        got = yield []
        return len(got)

    def there(self) -> Any:
        yield Number(self.folder, 1)
        again = yield Number(self.folder, 1)
        return again.open().read()

    def deep(self) -> Any:
        target = yield Total(self.folder, 5)
        return target.open().read()

    def failing(self) -> Any:
        try:
            yield Trouble(self.folder, "fail")
        finally:
            Path(f"{self.folder}/closed").touch()

    def missing(self) -> Any:
        yield Data(self.folder)

    def nonsense(self) -> Any:
        yield "Number"

    def itself(self) -> Any:
        yield Asks(self.folder, "itself")

    def raising(self) -> Any:
        yield Number(self.folder, 1)
        raise ValueError("after the yield")

    def dying(self) -> Any:
        """The worker that keeps it dies meanwhile: it starts from the top elsewhere."""
        yield Killer(self.folder)
        return "survived"


class Killer(Task):
    """Kills the process of whoever waits for it, once."""

    folder = Parameter()
    retry = martlet.Retry(lost=1)

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/killer")

    def run(self) -> None:
        if not os.path.exists(f"{self.folder}/killed"):
            Path(f"{self.folder}/killed").touch()
            os._exit(9)
        with self.output().open("w") as file:
            file.write("x")


class Countdown(Task):
    """Asks for the next smaller one, down to zero."""

    folder = Parameter()
    n = IntParameter()

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/countdown-{self.n}")

    def run(self) -> Any:
        if self.n > 0:
            yield Countdown(self.folder, self.n - 1)
        with self.output().open("w") as file:
            file.write("x")


class BoxedAsks(Asks):
    """Asks from a program of its own."""

    sandbox = "shell:/dev/null"


class Limited(Task):
    """May take a certain time, and takes another; its child must not outlive it."""

    folder = Parameter()
    seconds = martlet.FloatParameter()
    limit = martlet.FloatParameter(default=0.3)

    @property
    def time_limit(self) -> Any:
        return self.limit

    @time_limit.setter
    def time_limit(self, value: Any) -> None: ...

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/limited-{self.seconds}")

    def run(self) -> None:
        with open(f"{self.folder}/pids", "a") as pids:
            print(os.getpid(), file=pids)
        with self.output().open("w") as file:
            file.write("half, ")
            file.flush()
            if self.seconds > 1:
                child = subprocess.Popen(["sleep", str(self.seconds)])
                with open(f"{self.folder}/child", "w") as note:
                    note.write(str(child.pid))
            time.sleep(self.seconds)
            file.write("whole")


class LimitedOnce(Limited):
    """Takes too long the first time alone."""

    retry = martlet.Retry(timeout=1)

    def run(self) -> None:
        first = Path(self.folder) / "first"
        if first.exists():
            self.output().open("w").close()
        else:
            first.touch()
            time.sleep(60)


class LimitedInSandbox(Limited):
    """The same in a sandbox."""

    sandbox = "shell:/dev/null"
class Wears(Task):
    """Leaves something behind in its process."""

    folder = Parameter()
    n = IntParameter()
    what = Parameter(default="nothing")
    kept: ClassVar[list[Any]] = []

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/wears-{self.n}")

    def run(self) -> None:
        if self.what == "memory":
            Wears.kept.append(b"x" * 50_000_000)
        if self.what == "freed":
            bytearray(b"x" * 50_000_000).clear()
        if self.what == "thread":
            threading.Thread(target=threading.Event().wait, daemon=True).start()
        if self.what == "service":
            threading.Thread(target=threading.Event().wait, name="io", daemon=True).start()
        with self.output().open("w") as file:
            file.write(str(os.getpid()))


class Crashes(Task):
    """Ends its process from compiled code, or at once."""

    how = Parameter()

    def run(self) -> None:
        if self.how == "exit":
            os._exit(7)
        if self.how == "child exits":
            if os.fork() == 0:
                os._exit(0)
            os.wait()
            return
        ctypes.string_at(0)


class Talks(Task):
    """Prints through every door."""

    folder = Parameter()
    n = IntParameter(default=0)
    how = Parameter(default="well")

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/talks-{self.n}")

    def run(self) -> None:
        print(f"out {self.n}")
        print(f"err {self.n}", file=sys.stderr)
        logging.getLogger("talks").warning("logged %s", self.n)
        os.system(f"echo program {self.n}")
        if self.how == "ill":
            os.kill(os.getpid(), signal.SIGKILL)
        with self.output().open("w") as file:
            file.write("x")


class Leg(Task):
    """One after another."""

    folder = Parameter()
    n = IntParameter()

    def requires(self) -> Any:
        return Leg(self.folder, self.n - 1) if self.n else []

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/leg-{self.n}")

    def run(self) -> None:
        self.output().open("w").close()


class Watches(WrapperTask):
    """Runs, once the first leg is there, until the third is."""

    folder = Parameter()

    def requires(self) -> Any:
        return Leg(self.folder, 0)

    def run(self) -> None:
        end = time.monotonic() + 60
        while not os.path.exists(f"{self.folder}/leg-2"):
            if time.monotonic() > end:
                raise TimeoutError("the third leg is not made while this runs")
            time.sleep(0.02)


class TalksAtLength(Talks):
    """… into a file of its own."""

    own_log = True


class Sees(Task):
    """Writes down where it ran and what it may use; tasks that run at the same time overlap."""

    folder = Parameter()
    n = IntParameter(default=0)
    takes = martlet.DictParameter(default={})

    @property
    def resources(self) -> Any:
        return dict(self.takes)

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/sees-{self.n}")

    def run(self) -> None:
        begin = time.monotonic()
        time.sleep(0.03)
        seen = {name: os.environ.get(name) for name in ("CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS")}
        with self.output().open("w") as file:
            json.dump({"pid": os.getpid(), "begin": begin, "end": time.monotonic(), **seen}, file)


class SeesAlone(Sees):
    """… in a process of its own."""

    isolation = "fork"

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/sees-alone-{self.n}")


class SeesAsLuigi(Sees):
    """… under luigi's face."""

    confined = False

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/sees-as-luigi-{self.n}")


class Said(martlet.CommandTask):
    """A command that is its parameter."""

    folder = Parameter()
    line = Parameter(default="echo hello > {output}")
    name = Parameter(default="said")

    exit_codes = {3: "the input is truncated", 75: martlet.Exit.STORAGE, 9: martlet.Exit.SUCCESS}

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/out/{self.name}")

    def command(self) -> Any:
        return self.line


class SaidInSandbox(Said):
    """The same in a sandbox."""

    sandbox = "shell:/dev/null"


class SaidBriefly(Said):
    """The same, within a time limit."""

    time_limit = 0.3


class Counted(martlet.CommandTask):
    """Counts what others said: needs them, and is a pipe."""

    folder = Parameter()
    count = IntParameter()

    def requires(self) -> Any:
        return [Said(self.folder, "echo {name} > {output}", f"n{n}") for n in range(self.count)]

    def output(self) -> Any:
        return {"sum": LocalTarget(f"{self.folder}/sum"), "parts": LocalTarget(f"{self.folder}/parts/")}

    def command(self) -> Any:
        return "cat {input} | wc -l > {output[sum]} && mkdir {output[parts]} && cp {input} {output[parts]}"


class Part(Task):
    """Makes one file a number; many numbers are made at once."""

    folder = Parameter()
    n = martlet.IntParameter(batch_method=tuple)
    kind = Parameter(default="good")

    @property
    def numbers(self) -> Any:
        return self.n if isinstance(self.n, tuple) else (self.n,)

    def output(self) -> Any:
        return [LocalTarget(f"{self.folder}/part-{n}") for n in self.numbers]

    def run(self) -> Any:
        with open(f"{self.folder}/ran", "a") as log:
            log.write("part-" + "+".join(map(str, self.numbers)) + "\n")
        print("parts", *self.numbers, flush=True)
        if self.kind == "raises":
            raise ValueError(f"parts {self.numbers}")
        if self.kind == "dies":
            os._exit(7)
        if self.kind == "asks":
            yield Number(self.folder, 100)
        for target in self.output()[: 1 if self.kind == "first only" else None]:
            with target.open("w") as file:
                file.write("x")


class BoxedPart(Part):
    """The same as a program of its own."""

    sandbox = "shell:/dev/null"


class Parts(WrapperTask):
    """Needs several parts."""

    folder = Parameter()
    count = IntParameter()
    kind = Parameter(default="good")
    boxed = martlet.BoolParameter(default=False)

    def requires(self) -> Any:
        cls = BoxedPart if self.boxed else Part
        return [cls(self.folder, n, self.kind) for n in range(self.count)]


class Moody(Task):
    """Requires something else each time it is asked."""

    folder = Parameter()
    asked = 0

    def requires(self) -> Any:
        Moody.asked += 1
        return Number(self.folder, Moody.asked)

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/moody")

    def run(self) -> None:
        with self.input().open() as number, self.output().open("w") as file:
            file.write(number.read())


class Poison(Task):
    """Kills the process that runs it."""

    folder = Parameter()
    n = IntParameter()

    def run(self) -> None:
        with open(f"{self.folder}/ran", "a") as log:
            log.write("poison\n")
        os.kill(os.getpid(), signal.SIGKILL)


class Link(Task):
    """One of a long chain."""

    folder = Parameter()
    n = IntParameter()
    priority = 1

    def requires(self) -> Any:
        return Link(self.folder, self.n - 1) if self.n else []

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/link-{self.n}")


class Failing(Task):
    """Fails with its own number in the words."""

    n = IntParameter()

    def run(self) -> None:
        raise ValueError(f"number {self.n} is not good")
