"""Tasks: what analysts subclass."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from . import identity, recipe
from .events import EventSource
from .lazy import Lazy
from .parameters.base import (
    DuplicateParameterException,
    MissingParameterException,
    Parameter,
    ParameterVisibility,
    UnknownParameterException,
)
from .register import SAME_AS_MODULE, Register
from .retry import Retry
from .structure import flatten, getpaths
from .targets.together import all_exist
from .voice import Voice

RUNNING_ATTRIBUTES = (
    "set_tracking_url",
    "set_status_message",
    "set_progress_percentage",
    "decrease_running_resources",
    "scheduler_messages",
)
"""What whoever runs a task may set on it while run() executes, in place of what the class has."""

_NOT_GIVEN = "__not_user_specified"


class BulkCompleteNotImplementedError(NotImplementedError):
    """The class cannot tell which of many tasks are complete."""


def _param_kwargs(task: Task) -> dict[str, Any]:
    """Parameter names to the values the task was made with."""
    return dict(zip(task._names, task._values, strict=True))


class Task(EventSource, Voice, metaclass=Register):
    """One step of an analysis: what it requires, what it makes, how it makes it.

    Parameters are class attributes; equal parameters give the same object. Subclasses override `requires`, `output`
    and `run`. This is the native face; `martlet.luigi.Task` differs by class attributes only.
    """

    check_outputs: ClassVar[bool] = True
    """Whether a task fails that returns from run() without having made its outputs."""
    done_by_running: ClassVar[bool] = True
    """Whether a task without outputs and without a complete() of its own is done when run() has returned.
    If not, it never is complete, and complete() warns of it."""
    allow_shared_output: Any = False
    """Whether another task that does not need this one, and allows it too, may make the same files."""
    shared_output_fails: ClassVar[bool] = True
    """Whether a run is refused in which two tasks would make the same file; if not, it is told of."""
    confined: ClassVar[bool] = True
    """Whether a task that does not say what it takes has one core and no GPU where several tasks run at a time."""
    plans_first: ClassVar[bool] = False
    """Whether the plan is complete before anything starts, wherever a task of this class is part of it."""
    complete_by: Any = None
    """What says whether a task is complete: "targets", its outputs; "reports", its newest report and those of what it
    needs, without a look at any storage; "both", its reports, and a task whose output lacks is told of and runs again;
    None: as configured, by default its outputs. A complete() of its own is asked whatever stands here."""
    rerun_on: Any = ()
    """Which changes since its report make a task run again: any of "code", "inputs" and "environment"."""
    checksum: Any = None
    """Checksum of its outputs in reports: True or "adler32"; None: as configured, by default none."""
    sandbox: Any = None
    """The environment run() needs: "shell:setup.sh" or "venv:/path"; None for the one Martlet runs in."""

    own_log: Any = False
    """Whether what the task prints is kept in a file of its own; so it is for families seen to take a minute."""
    isolation: Any = None
    """"fork": the task runs in a process of its own, which runs nothing else; None: as configured."""

    retry: Any = Retry()
    """Which failures are worth another try."""

    priority: Any = 0
    """Among tasks that could start, higher ones come first."""
    disabled: Any = False
    """A disabled task is not run, nor what needs it, unless it is complete."""
    resources: Any = {}
    """Counted resources the task holds while it runs, by name."""
    job_options: Any = {}
    """What a job of a batch system asks for that runs the task: cores, memory, disk, walltime, gpus, queue, extra."""
    time_limit: Any = None
    """How long an execution may take: seconds, "90s", "2h", "1h 30m" or a timedelta; 0: as long as it likes; None: as
    `worker_timeout` says."""
    worker_timeout: Any = None
    """luigi's name of `time_limit`, which counts where both are given. None in luigi's face: as configured."""
    max_batch_size: Any = float("inf")
    """How many tasks of this class may be run as one, if it has parameters with a batch_method."""
    retry_count: Any = None
    """Under luigi's face, where failures are tried again: how many are allowed; None: as configured."""
    # Attributes of luigi's that scripts set and read; nothing acts on them so far.
    disable_hard_timeout: Any = None
    """Seconds after which a failing task is disabled; None: as configured."""
    disable_window: Any = None
    """Seconds within which failures count; None: as configured."""
    owner_email: Any = None
    """One address (or several with commas, or a list) that is told of failures."""
    accepts_messages: Any = False
    """Whether the task takes messages while it runs."""
    use_cmdline_section: Any = True
    """Whether the command line's global flags of this class carry its family as a prefix."""

    task_namespace: Any = _NOT_GIVEN
    """The namespace of the class and its subclasses; wins over `martlet.namespace`."""
    _namespace_at_class_time: ClassVar[str | None] = None
    _visible_in_registry: ClassVar[bool] = True

    _names: tuple[str, ...]
    _values: tuple[Any, ...]
    """What the task was made with; the attributes may be assigned later, its identity stays."""

    param_kwargs = Lazy(_param_kwargs)
    task_id = Lazy(identity.task_id)

    @recipe.standard
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        cls = type(self)
        made_by = recipe.recipe_of(cls)
        if made_by.standard:
            self._names = made_by.names
            self._values = made_by.values(args, kwargs)
        else:
            pairs = self.get_param_values(self.get_params(), args, kwargs)
            self._names = tuple([name for name, _ in pairs])
            self._values = tuple([value for _, value in pairs])
        for name, value in zip(self._names, self._values, strict=True):
            setattr(self, name, value)
        self._warn_on_wrong_param_types()

    # What the class is called

    @classmethod
    @recipe.standard
    def get_task_namespace(cls) -> str:
        """The namespace of the family."""
        if cls.task_namespace != _NOT_GIVEN:
            given: str = cls.task_namespace
            return given
        if cls._namespace_at_class_time == SAME_AS_MODULE:
            return cls.__module__
        return cls._namespace_at_class_time or ""

    @classmethod
    @recipe.standard
    def get_task_family(cls) -> str:
        """The name of the class in the registry: `namespace.Class`, or `Class` without a namespace."""
        namespace = cls.get_task_namespace()
        return f"{namespace}.{cls.__name__}" if namespace else cls.__name__

    @property
    def task_family(self) -> str:
        """The family of the class."""
        return str(type(self).get_task_family())

    @property
    def task_module(self) -> str:
        """The module to import for the class."""
        return type(self).__module__

    # Parameters

    @classmethod
    @recipe.standard
    def get_params(cls) -> list[tuple[str, Parameter[Any]]]:
        """All parameters with their names, in order."""
        return list(recipe.recipe_of(cls).pairs)

    @classmethod
    def batch_param_names(cls) -> list[str]:
        """Names of the parameters that can be combined."""
        return [name for name, parameter in cls.get_params() if parameter._is_batchable()]

    @classmethod
    def get_param_names(cls, include_significant: bool = False) -> list[str]:
        """Names of the significant parameters, or of all (sic) if `include_significant`."""
        return [name for name, parameter in cls.get_params() if include_significant or parameter.significant]

    @classmethod
    @recipe.standard
    def get_param_values(
        cls, params: Sequence[tuple[str, Parameter[Any]]], args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> list[tuple[str, Any]]:
        """(name, normalised value) of `params` for these constructor arguments, the missing ones filled in."""
        family = cls.get_task_family()
        call = f"{family}[args={args}, kwargs={kwargs}]"
        by_name = dict(params)
        positional = [name for name, parameter in params if parameter.positional]
        if len(args) > len(positional):
            raise UnknownParameterException(
                f"{call}: takes at most {len(positional)} parameters ({len(args)} given)"
            )
        result = {name: by_name[name].normalize(value) for name, value in zip(positional, args, strict=False)}
        for name, value in kwargs.items():
            if name in result:
                raise DuplicateParameterException(f"{call}: parameter {name} was already set as a positional parameter")
            if name not in by_name:
                raise UnknownParameterException(f"{call}: unknown parameter {name}")
            result[name] = by_name[name].normalize(value)
        for name, parameter in params:
            if name in result:
                continue
            try:
                known = parameter.has_task_value(family, name)
            except Exception as error:  # user code: parse() of what is configured
                raise ValueError(f"{call}: Error when parsing the default value of '{name}'") from error
            if not known:
                raise MissingParameterException(f"{call}: requires the '{name}' parameter to be set")
            result[name] = parameter.task_value(family, name)
        values = recipe.frozen(tuple([result[name] for name, _ in params]))
        return list(zip([name for name, _ in params], values, strict=True))

    @recipe.standard
    def _warn_on_wrong_param_types(self) -> None:
        params = dict(self.get_params())
        for name, value in self.param_kwargs.items():
            params[name]._warn_on_wrong_param_type(name, value)

    @property
    def param_args(self) -> tuple[Any, ...]:
        """Deprecated: the values of `param_kwargs` in order."""
        warnings.warn("Use of param_args has been deprecated.", DeprecationWarning, stacklevel=2)
        return tuple([self.param_kwargs[name] for name, _ in self.get_params()])

    def initialized(self) -> bool:
        """Whether the parameters are set."""
        return "_values" in self.__dict__

    @classmethod
    def from_str_params(cls, params_str: Mapping[str, Any]) -> Any:
        """The task with these parameters as text (a list of texts for a parameter that combines several)."""
        kwargs = {}
        for name, parameter in cls.get_params():
            if name in params_str:
                text = params_str[name]
                kwargs[name] = parameter._parse_list(text) if isinstance(text, list) else parameter.parse(text)
        return cls(**kwargs)

    @recipe.standard
    def to_str_params(self, only_significant: bool = False, only_public: bool = False) -> dict[str, str]:
        """Parameters as text by name. Private ones are never among them."""
        params = dict(self.get_params())
        texts = {}
        for name, value in self.param_kwargs.items():
            parameter = params[name]
            visibility = parameter.visibility
            if (
                visibility != ParameterVisibility.PRIVATE
                and (parameter.significant or not only_significant)
                and (visibility == ParameterVisibility.PUBLIC or not only_public)
            ):
                texts[name] = parameter.serialize(value)
        return texts

    def _get_param_visibilities(self) -> dict[str, int]:
        params = dict(self.get_params())
        visibilities = {name: params[name].visibility for name in self.param_kwargs}
        return {name: v.serialize() for name, v in visibilities.items() if v != ParameterVisibility.PRIVATE}

    def clone(self, cls: Any = None, **kwargs: Any) -> Any:
        """A task of this class (or of `cls`) with this task's attributes as its parameters, `kwargs` instead."""
        target = type(self) if cls is None else cls
        for name, _ in target.get_params():
            if name not in kwargs and hasattr(self, name):
                kwargs[name] = getattr(self, name)
        return target(**{name: kwargs[name] for name, _ in target.get_params() if name in kwargs})

    def __repr__(self) -> str:
        params = dict(self.get_params())
        shown = [
            f"{name}={params[name].serialize(value)}"
            for name, value in self.param_kwargs.items()
            if params[name].significant
        ]
        return f"{self.get_task_family()}({', '.join(shown)})"

    def __eq__(self, other: object) -> bool:
        return self is other or (self.__class__ == other.__class__ and self.task_id == other.task_id)

    def __hash__(self) -> int:
        return hash(self.task_id)

    # What it requires and makes

    def requires(self) -> Any:
        """The tasks that must be complete first: one, or a list, dict or generator of them."""
        return []

    def _requires(self) -> list[Any]:
        """All requirements; template classes add theirs to what requires() of their subclasses gives."""
        return flatten(self.requires())

    def deps(self) -> list[Any]:
        """All requirements in one list."""
        return flatten(self._requires())

    def output(self) -> Any:
        """The targets the task makes: one, or a list or dict of them."""
        return []

    def input(self) -> Any:
        """The outputs of what is required, in the structure requires() gave."""
        return getpaths(self.requires())

    def complete(self) -> bool:
        """Whether everything the task makes is there."""
        outputs = flatten(self.output())
        if not outputs:
            if not self.done_by_running:
                warnings.warn(f"Task {self!r} without outputs has no custom complete() method", stacklevel=2)
            return False
        if len(outputs) == 1:
            return bool(outputs[0].exists())
        return all_exist(outputs)

    @classmethod
    def bulk_complete(cls, parameter_tuples: Any) -> Any:
        """Those of many parameter values whose tasks are complete; override it where one look tells of many."""
        raise BulkCompleteNotImplementedError()

    def run(self) -> Any:
        """Makes the outputs.

        A generator may yield tasks (one, or a list or dict of them): it goes on, with their outputs as the value of
        the yield, when they are complete. It may start from the top instead, in another process, if the one it was in
        is gone: what it did before must not depend on being done once.
        """

    # How it is run

    def _usual_retry(self) -> Retry:
        """What counts where `retry` says nothing."""
        return Retry()

    @classmethod
    def _usual_time_limit(cls) -> Any:
        """The time limit of tasks that say nothing of it."""
        return None

    @classmethod
    def _checks_requirements(cls) -> bool:
        """Whether what a task requires is looked at once more when it starts."""
        return False

    @property
    def batchable(self) -> Any:
        """Whether tasks of the class may be run as one."""
        return bool(self.batch_param_names())

    def process_resources(self) -> Any:
        """The resources the task holds while it runs; template classes add theirs to those of subclasses."""
        return self.resources

    @property
    def disable_window_seconds(self) -> Any:
        """Deprecated name of `disable_window`."""
        warnings.warn(
            "Use of `disable_window_seconds` has been deprecated, use `disable_window` instead",
            DeprecationWarning,
            stacklevel=2,
        )
        return self.disable_window

    def _wanted_for(self) -> Sequence[Task]:
        """Tasks that remove what this one makes when they have made of it what they make."""
        return ()

    def _owner_list(self) -> list[str]:
        """The addresses of `owner_email`."""
        owners = self.owner_email
        if owners is None:
            return []
        return owners.split(",") if isinstance(owners, str) else list(owners)

    def on_failure(self, exception: BaseException) -> Any:
        """Called where run() raised; what it returns explains the failure (text or JSON)."""
        from traceback import format_exc  # only failures need it

        return f"Runtime error:\n{format_exc()}"

    def on_success(self) -> Any:
        """Called where run() returned; what it returns is kept with the report (text or JSON)."""

    @contextmanager
    def no_unpicklable_properties(self) -> Iterator[None]:
        """Within it the task can be pickled although it runs: what is only set while running is put aside."""
        aside = {name: getattr(self, name) for name in RUNNING_ATTRIBUTES if name in self.__dict__}
        for name in aside:
            setattr(self, name, "placeholder_during_pickling")
        yield
        for name, value in aside.items():
            setattr(self, name, value)

    # How instances are made (see martlet.register)

    @classmethod
    def _compile_constructor(cls) -> Callable[..., Any]:
        return recipe.constructor(cls)

    @classmethod
    def _make_by_general_rules(cls, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return recipe.make_by_general_rules(cls, args, kwargs)


def plain_completion(cls: type[Task]) -> bool:
    """Whether tasks of this class are complete exactly when their outputs exist, which may be looked at in bulk."""
    return cls.complete is Task.complete


class ExternalTask(Task):
    """A task whose outputs are made elsewhere: it has no run()."""

    run: Any = None


class WrapperTask(Task):
    """A task that makes nothing and is complete when all it requires is."""

    def complete(self) -> bool:
        return all(task.complete() for task in flatten(self.requires()))


class Config(Task):
    """Settings: a class of parameters that is never run."""
