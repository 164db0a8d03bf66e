"""What workers come to know of tasks that were planned after their process was forked."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..recipe import recipe_of
from ..register import Register
from .columns import Columns

if TYPE_CHECKING:
    from .._bridge import Run
    from ..task import Task
    from .traits import Traits

_OWN = {"_names", "_values", "task_id"}
"""What every instance carries, besides its parameters and a few that can be had from those."""
_COSTS = 20
"""Processes that know everything are made anew after so many times what that takes."""


class Teaching:
    """Makes lessons of what is planned, for processes that were forked before.

    A task is taught that carries nothing but its parameters, and whose class those processes have: then they make the
    same instance. Others are held back until there are processes that were forked after them.
    """

    def __init__(self, run: Run, tasks: Sequence[Task], traits: Sequence[Traits]) -> None:
        self._run = run
        self._tasks = tasks
        self._traits = traits
        self.classes: Sequence[type[Task]] = ()
        """Every task class there was when the zygote was forked: lessons name them by their place."""
        self._numbers: dict[type[Task], int | None] = {}
        self.lessons = 0
        """How many were given so far."""
        self._known: int | None = None
        """So many tasks are known to processes that learn their lessons; None while nothing was forked."""
        self._unmade: set[int] = set()
        """Tasks that cannot be made elsewhere."""
        self._held = Columns()
        self._forked_at = 0.0
        self._fork_took = 0.0

    # ---- forking

    def fork(self) -> None:
        """A process is forked now that knows all there is."""
        self.classes = tuple(Register._reg)
        self._numbers = {}
        self._known = len(self._tasks)
        self._unmade.clear()
        self._forked_at = time.monotonic()

    def forked(self) -> None:
        """It was."""
        self._fork_took = time.monotonic() - self._forked_at

    @property
    def is_holding(self) -> bool:
        """Whether tasks are held back."""
        return len(self._held) > 0

    @property
    def may_fork(self) -> bool:
        """Whether it is so long since the last fork that another one costs little beside the rest."""
        return time.monotonic() - self._forked_at >= _COSTS * self._fork_took

    def take_held(self) -> Columns:
        """What was held back, for processes that were forked since."""
        held, self._held = self._held, Columns()
        return held

    def change(self, index: int, kind: int) -> bool:
        """Gives a task that is held back another kind. False when there is no such task."""
        return self._held.change(index, kind)

    # ---- lessons

    def teach(self, columns: Columns) -> None:
        """Makes a lesson of new tasks and of these planned ones. Those that cannot be taught leave the columns."""
        if self._known is None:
            return
        first, self._known = self._known, len(self._tasks)
        new = [self._recipe(index) for index in range(first, self._known)]
        needs = columns.needs()
        if new or needs[0]:
            self.lessons += 1
            self._run.teach(self._packed(first, new, needs))
        unmade = self._unmade
        held = [index for index in columns.indices() if index in unmade or not self._is_plain(index)]
        if held:
            columns.move(set(held), self._held)

    def _packed(
        self, first: int, new: list[tuple[int, tuple[Any, ...]] | None], needs: tuple[bytes, bytes, bytes]
    ) -> bytes:
        """The lesson as bytes, see `Pupil.learn`; what cannot leave this process is struck from `new`."""
        import pickle  # not needed where tasks run in this process

        try:
            text = pickle.dumps((first, new, *needs), pickle.HIGHEST_PROTOCOL)
        except Exception:  # values of a parameter that cannot leave this process
            for place, recipe in enumerate(new):
                try:
                    pickle.dumps(recipe, pickle.HIGHEST_PROTOCOL)
                except Exception:  # user code, as above: its task waits for a fresh zygote
                    new[place] = None
            text = pickle.dumps((first, new, *needs), pickle.HIGHEST_PROTOCOL)
        self._unmade.update(first + place for place, recipe in enumerate(new) if recipe is None)
        return text

    def _recipe(self, index: int) -> tuple[int, tuple[Any, ...]] | None:
        task = self._tasks[index]
        cls = type(task)
        if cls in self._numbers:
            number = self._numbers[cls]
        else:
            number = self._numbers[cls] = self._number(cls)
        return None if number is None or not self._is_plain(index) else (number, task._values)

    def _number(self, cls: type[Task]) -> int | None:
        if not recipe_of(cls).direct:
            return None
        try:
            return self.classes.index(cls)
        except ValueError:
            return None

    def _is_plain(self, index: int) -> bool:
        """Whether the instance carries nothing but its parameters."""
        own, traits = self._tasks[index].__dict__, self._traits[index]
        if len(own) == traits.attributes:
            return True
        return own.keys() - {name for name, _ in type(self._tasks[index]).get_params()} <= _OWN
