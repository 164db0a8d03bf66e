"""The registry of task classes: families, namespaces and the cache of instances.

`Register` is the metaclass of every task class. It knows nothing of parameters: how an instance is made is compiled
by `martlet.recipe`, kept here and dropped by `forget_constructors` when anything it was compiled from changes.
"""

# The names are luigi's.

from __future__ import annotations

import abc
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, ClassVar, NamedTuple

SAME_AS_MODULE = "_same_as_python_module"
"""The namespace that stands for "the name of the module the class is defined in"."""

_SHAPING = frozenset({"__init__", "__new__", "__setattr__", "__bases__", "get_params", "get_param_values",
                      "get_task_family", "get_task_namespace", "task_namespace", "_warn_on_wrong_param_types"})
"""Class attributes a compiled constructor depends on, besides the parameters."""

_constructors: dict[type, Callable[..., Any]] = {}
_generation = 0


def generation() -> int:
    """Grows whenever compiled constructors were dropped."""
    return _generation


def forget_constructors() -> None:
    """Drops every compiled constructor: configuration, command line or a class has changed."""
    global _generation
    _generation += 1
    _constructors.clear()


class Unbound(TypeError):
    """The compiled constructor cannot bind these arguments; the general rules decide."""


class Offer(NamedTuple):
    """A task class that is imported when somebody asks for its family."""

    module: str
    name: str
    stands: Callable[[], bool]
    """Whether it may be had; asked once somebody wants it."""


class TaskClassException(Exception):
    """A task family cannot be turned into a class."""


class TaskClassNotFoundException(TaskClassException):
    """No task class has this family; `nearest` names those that are spelled alike."""

    def __init__(self, message: str, name: str = "", nearest: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.name = name
        self.nearest = nearest


class TaskClassAmbigiousException(TaskClassException):
    """Several unrelated task classes have this family. (Spelled as luigi spells it.)"""


def edit_distance(a: str, b: str) -> int:
    """Levenshtein distance of two strings, every edit counting one."""
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, right in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (left != right))
    return row[-1]


def nearest_names(name: str, candidates: list[str]) -> tuple[str, ...]:
    """Those candidates within five edits of `name` (and not rewritten altogether), nearest first."""
    weighted = sorted((edit_distance(name, candidate), candidate) for candidate in candidates)
    return tuple(candidate for distance, candidate in weighted if distance <= 5 and distance < len(candidate))


class Register(abc.ABCMeta):
    """Metaclass of tasks: equal parameter values give the same object, and every class is known by its family.

    Third parties derive from it and may call `ABCMeta.__new__` themselves, so nothing here relies on `__new__`.
    """

    AMBIGUOUS_CLASS: Any = object()
    """Stands in the registry for a family that several unrelated classes share."""
    _default_namespace_dict: ClassVar[dict[str, str]] = {}
    _reg: ClassVar[list[Any]] = []
    _offers: ClassVar[dict[str, Offer]] = {}
    __instance_cache: ClassVar[dict[type, dict[Any, Any]] | None] = {}

    def __new__(metacls, classname: str, bases: tuple[type, ...], classdict: dict[str, Any], **kwargs: Any) -> Any:
        cls: Any = super().__new__(metacls, classname, bases, classdict, **kwargs)
        cls._namespace_at_class_time = metacls._get_namespace(cls.__module__)
        metacls._reg.append(cls)
        return cls

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        make = _constructors.get(cls)
        if make is None:
            make = cls._compile_constructor()  # type: ignore[attr-defined]
            _constructors[cls] = make
        try:
            return make(*args, **kwargs)
        except TypeError as error:
            # Without a further frame it was Python's own binding that failed: the general rules name the mistake.
            bound = error.__traceback__ is not None and error.__traceback__.tb_next is not None
            if bound and not isinstance(error, Unbound):
                raise
        return cls._make_by_general_rules(args, kwargs)  # type: ignore[attr-defined]

    def instantiate(cls, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A new instance through `__new__` and `__init__`, past the cache."""
        return super().__call__(*args, **kwargs)

    def __setattr__(cls, name: str, value: Any) -> None:
        descriptor = hasattr(type(value), "__set__")
        if descriptor and getattr(value, "_attribute_name", "") is None:
            value.__set_name__(cls, name)
        reshapes = descriptor or name in _SHAPING or hasattr(type(getattr(cls, name, None)), "__set__")
        super().__setattr__(name, value)
        if reshapes:
            forget_constructors()

    def __delattr__(cls, name: str) -> None:
        super().__delattr__(name)
        forget_constructors()

    def cached_instances(cls) -> dict[Any, Any] | None:
        """The instances of this class by parameter values; None when the cache is switched off."""
        caches = cls.__instance_cache
        return None if caches is None else caches.setdefault(cls, {})

    @classmethod
    def clear_instance_cache(cls) -> None:
        """Forgets every instance, and switches the cache on again."""
        cls.__instance_cache = {}
        forget_constructors()

    @classmethod
    def disable_instance_cache(cls) -> None:
        """Every call makes a new instance from now on."""
        cls.__instance_cache = None
        forget_constructors()

    @property
    def task_family(cls) -> str:
        """The name the class is known by: its namespace, a dot, its own name."""
        namespace = cls.get_task_namespace()  # type: ignore[attr-defined]
        return f"{namespace}.{cls.__name__}" if namespace else cls.__name__

    @classmethod
    def _get_reg(cls) -> dict[str, Any]:
        """Family to class. Of a class and its subclass of the same family the most derived one counts.

        Collected on demand, because names and namespaces may change after a class was made.
        """
        reg: dict[str, Any] = {}
        for task_cls in cls._reg:
            if not task_cls._visible_in_registry:
                continue
            name = task_cls.get_task_family()
            known = reg.get(name)
            if known is not None and (known is cls.AMBIGUOUS_CLASS or not issubclass(task_cls, known)):
                reg[name] = cls.AMBIGUOUS_CLASS
            else:
                reg[name] = task_cls
        return reg

    @classmethod
    def _set_reg(cls, reg: dict[str, Any]) -> None:
        """Makes the classes of `reg` the only ones known."""
        cls._reg = [task_cls for task_cls in reg.values() if task_cls is not cls.AMBIGUOUS_CLASS]

    @classmethod
    def task_names(cls) -> list[str]:
        """All families, sorted."""
        return sorted(cls._get_reg())

    @classmethod
    def tasks_str(cls) -> str:
        """All families in one line."""
        return ",".join(cls.task_names())

    @classmethod
    def offer(cls, module: str, *names: str, stands: Callable[[], bool] = lambda: True) -> None:
        """Has task classes of a module found by their families, which are their names, before it is imported."""
        cls._offers.update({name: Offer(module, name, stands) for name in names})

    @classmethod
    def accept_offer(cls, family: str) -> Any:
        """The class that is offered under a family, imported and registered; None if there is none."""
        offer = cls._offers.get(family)
        if offer is None or not offer.stands():
            return None
        task_cls = getattr(import_module(offer.module), offer.name)
        if task_cls not in cls._reg:  # imported before, and forgotten since
            cls._reg.append(task_cls)
        return task_cls

    @classmethod
    def get_task_cls(cls, name: str) -> Any:
        """The class of this family; raises TaskClassNotFoundException or TaskClassAmbigiousException."""
        task_cls = cls._get_reg().get(name) or cls.accept_offer(name)
        if task_cls is None:
            nearest = nearest_names(name, cls._known_names())
            raise TaskClassNotFoundException(cls._missing_task_msg(name), name, nearest)
        if task_cls is cls.AMBIGUOUS_CLASS:
            raise TaskClassAmbigiousException(f"Task {name!r} is ambiguous")
        return task_cls

    @classmethod
    def get_all_params(cls) -> Iterator[tuple[str, bool, str, Any]]:
        """(family, whether its flags go without the family's name, parameter name, parameter) of every class."""
        for name, task_cls in cls._get_reg().items():
            if task_cls is not cls.AMBIGUOUS_CLASS:
                for param_name, param in task_cls.get_params():
                    yield name, not task_cls.use_cmdline_section, param_name, param

    @classmethod
    def _known_names(cls) -> list[str]:
        """All families, those too that are only offered."""
        return sorted({*cls._get_reg(), *(family for family, offer in cls._offers.items() if offer.stands())})

    @classmethod
    def _missing_task_msg(cls, name: str) -> str:
        nearest = nearest_names(name, cls._known_names())
        if nearest:
            return "No task {}. Did you mean:\n{}".format(name, "\n".join(nearest))
        return f"No task {name}. Candidates are: {cls.tasks_str()}"

    @classmethod
    def _get_namespace(cls, module_name: str) -> str:
        """The namespace declared for the nearest enclosing module, else for all modules, else none."""
        for parent in cls._module_parents(module_name):
            entry = cls._default_namespace_dict.get(parent)
            if entry:
                return entry
        return ""

    @staticmethod
    def _module_parents(module_name: str) -> Iterator[str]:
        """`a.b` gives `a.b`, `a` and the empty name."""
        parts = module_name.split(".")
        for end in range(len(parts), 0, -1):
            yield ".".join(parts[:end])
        if module_name:
            yield ""

    _editdistance = staticmethod(edit_distance)


def namespace(namespace: str | None = None, scope: str = "") -> None:
    """Sets the namespace of task classes made from now on in modules below `scope` (everywhere, if empty).

    The most specific scope wins; a class attribute `task_namespace` beats them all.
    """
    Register._default_namespace_dict[scope] = namespace or ""


def auto_namespace(scope: str = "") -> None:
    """Like `namespace`, with the name of each class's own module as its namespace."""
    namespace(SAME_AS_MODULE, scope)


def load_task(module: str | None, task_name: str, params_str: dict[str, Any]) -> Any:
    """A task from the module to import first (if any), its family and its parameters as text."""
    if module is not None:
        __import__(module)
    return Register.get_task_cls(task_name).from_str_params(params_str)
