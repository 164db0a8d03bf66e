"""What a script imports in these tests in place of `martlet` or `luigi`: considers, then offers task classes."""

from martlet.steering import autorun

autorun.consider()

from martlet.luigi.interface import run as luigi_run  # noqa: E402,F401
from martlet.parameters import *  # noqa: E402,F403
from martlet.steering.session import build, run  # noqa: E402,F401
from martlet.targets.local import LocalTarget  # noqa: E402,F401
from martlet.task import ExternalTask, Task, WrapperTask  # noqa: E402,F401
