"""The parameters of a class, compiled once into the function that makes its instances.

A recipe holds the order of the parameters, their normalisers and what they are when not given. It is dropped when the
configuration, the command line or the class changes (`martlet.register.forget_constructors`). Classes that override
what it is compiled from (get_params, get_param_values) take the general rules, step by step, as luigi does.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from keyword import iskeyword
from typing import Any, TypeVar

from .compiled import define
from .parameters.base import NO_VALUE, Parameter, ParameterVisibility, UnconsumedParameterWarning
from .parameters.configured import configured, configured_keys
from .register import Register, Unbound, generation

__all__ = ["Recipe", "constructor", "recipe_of", "standard", "standard_method"]

Pairs = list[tuple[str, "Parameter[Any]"]]
Function = TypeVar("Function", bound=Callable[..., Any])

_STANDARD: set[Any] = set()
_LOOKUP = ("has_task_value", "task_value", "_get_value", "_value_iterator", "_get_value_from_config")


def standard(function: Function) -> Function:
    """Marks a method of Task that recipes stand in for, as long as no subclass overrides it."""
    _STANDARD.add(function)
    return function


def standard_method(cls: type, name: str) -> bool:
    """Whether no class between overrides this method of Task."""
    method = getattr(cls, name)
    return getattr(method, "__func__", method) in _STANDARD


def _same_method(parameter: Parameter[Any], name: str) -> bool:
    """Whether a parameter's method is the one of Parameter."""
    return name not in parameter.__dict__ and getattr(type(parameter), name) is getattr(Parameter, name)


def is_serialised_by_str(parameter: Parameter[Any]) -> bool:
    """Whether the text of a value is what str() makes of it."""
    return _same_method(parameter, "serialize")


def parameters_of(cls: type) -> Pairs:
    """The parameters of a class in the order of their creation, those it inherits included."""
    found: dict[str, Any] = {}
    for base in cls.__mro__:
        for name, value in base.__dict__.items():
            found.setdefault(name, value)
    pairs = [(name, value) for name, value in sorted(found.items()) if isinstance(value, Parameter)]
    pairs.sort(key=lambda pair: pair[1]._counter)
    return pairs


def frozen(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Lists and sets as tuples, so that values can be hashed."""
    return tuple([tuple(value) if isinstance(value, (list, set)) else value for value in values])


_names: dict[tuple[str, ...], tuple[str, ...]] = {}
"""Names of parameters, in the order of a class; kept since tasks outlive the recipe that they were made by."""


class Recipe:
    """What is known of one class: good for one generation (`martlet.register.generation`)."""

    def __init__(self, cls: Any) -> None:
        self.cls = cls
        self.generation = generation()
        self.standard = all(standard_method(cls, name) for name in ("get_params", "get_param_values"))
        self.pairs: Pairs = parameters_of(cls)
        names = tuple(name for name, _ in self.pairs)
        # the same object as in an earlier recipe: what is compiled tells by it that it knows a task's values
        self.names = _names.setdefault(names, names)
        self.by_name = dict(self.pairs)
        self._identifying: list[tuple[int, str, Callable[[Any], str]]] | None = None
        self._family: str | None = None
        self.plain_text = standard_method(cls, "to_str_params")
        """Whether the texts of the parameters are what their serializers say."""
        self._bind: Callable[..., tuple[Any, ...]] | None = None
        self._bindable = False
        self.scope: dict[str, Any] = {"_NO": NO_VALUE, "_Unbound": Unbound}
        if self.standard:
            self._warn_of_unconsumed()
            self._bindable = all(
                name.isidentifier() and not iskeyword(name) and not name.startswith("_") for name in self.names
            )

    @property
    def bind(self) -> Callable[..., tuple[Any, ...]] | None:
        """Gives the values of a call; None where that takes the general rules."""
        if self._bindable and self._bind is None:
            self._bind = self._compile(["return _values"])
        return self._bind

    @property
    def identifying(self) -> list[tuple[int, str, Callable[[Any], str]]]:
        """(index, name, serializer) of the significant public parameters, which make the id, sorted by name."""
        if self._identifying is None:
            self._identifying = [
                (i, name, parameter.serialize)
                for i, (name, parameter) in enumerate(self.pairs)
                if parameter.significant and parameter.visibility == ParameterVisibility.PUBLIC
            ]
            self._identifying.sort(key=lambda entry: entry[1])
        return self._identifying

    @property
    def family(self) -> str:
        """The family of the class, asked for once where it is found by the standard rules."""
        if self._family is not None:
            return self._family
        family: str = self.cls.get_task_family()
        if standard_method(self.cls, "get_task_family") and standard_method(self.cls, "get_task_namespace"):
            self._family = family
        return family

    @property
    def direct(self) -> bool:
        """Whether an instance may be filled without going through `__init__`."""
        cls = self.cls
        return (
            self._bindable
            and standard_method(cls, "__init__")
            and standard_method(cls, "_warn_on_wrong_param_types")
            and cls.__new__ is object.__new__
            and cls.__setattr__ is object.__setattr__
            and all(_same_method(p, "__set__") and p._attribute_name == name for name, p in self.pairs)
        )

    def values(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """The parameter values of a call, normalised, in order; raises the ParameterExceptions."""
        if self.bind is not None:
            try:
                return frozen(self.bind(*args, **kwargs))
            except TypeError as error:
                bound = error.__traceback__ is not None and error.__traceback__.tb_next is not None
                if bound and not isinstance(error, Unbound):
                    raise
        cls = self.cls
        return tuple([value for _, value in cls.get_param_values(cls.get_params(), args, kwargs)])

    def maker(self, instances: dict[Any, Any]) -> Callable[..., Any]:
        """The compiled constructor of a direct class, with the cache of its instances."""
        cls = self.cls

        def unhashable(values: tuple[Any, ...]) -> Any:
            values = frozen(values)
            try:
                known = instances.get(values)
            except TypeError:  # such tasks are made anew each time
                return self.fill(values)
            if known is None:
                known = instances[values] = self.fill(values)
            return known

        self.scope.update(_cls=cls, _names=self.names, _new=object.__new__)
        self.scope.update(_instances=instances, _unhashable=unhashable)
        body = [
            "try:",
            "    _known = _instances.get(_values)",
            "except TypeError:",
            "    return _unhashable(_values)",
            "if _known is not None:",
            "    return _known",
            "_task = _new(_cls)",
            "_dict = _task.__dict__",
        ]
        body += [f"_dict[{name!r}] = {name}" for name in self.names]
        body += ["_dict['_names'] = _names", "_dict['_values'] = _values"]
        for i, (name, parameter) in enumerate(self.pairs):
            if type(parameter) is Parameter:
                self.scope[f"_warn{i}"] = parameter._warn_on_wrong_param_type
                body += [f"if {name}.__class__ is not str:", f"    _warn{i}({name!r}, {name})"]
            elif not _same_method(parameter, "_warn_on_wrong_param_type"):
                self.scope[f"_warn{i}"] = parameter._warn_on_wrong_param_type
                body += [f"_warn{i}({name!r}, {name})"]
        return self._compile([*body, "_instances[_values] = _task", "return _task"])

    def fill(self, values: tuple[Any, ...]) -> Any:
        """A new instance of a direct class with these values."""
        task = self.refill(values)
        for (name, parameter), value in zip(self.pairs, values, strict=True):
            parameter._warn_on_wrong_param_type(name, value)
        return task

    def refill(self, values: tuple[Any, ...]) -> Any:
        """The same, of values that another process made an instance of: nothing is said about them again."""
        task = object.__new__(self.cls)
        own = task.__dict__
        own.update(zip(self.names, values, strict=True))
        own["_names"] = self.names
        own["_values"] = values
        return task

    def _compile(self, body: list[str]) -> Callable[..., Any]:
        """A function with the parameters as its arguments that collects their normalised values, then runs `body`.

        Python itself binds the arguments. A value that takes more than a constant, and a missing one, raise Unbound
        or TypeError, upon which the general rules find the value or the message.
        """
        positional: list[str] = []
        keywords: list[str] = []
        guards: list[str] = []
        optional = False
        for i, (name, parameter) in enumerate(self.pairs):
            value = self._constant(name, parameter)
            argument = name
            if value is not NO_VALUE:
                self.scope[f"_default{i}"] = value
                argument = f"{name}=_default{i}"
            elif optional or not parameter.positional or self._computed(name, parameter):
                argument = f"{name}=_NO"
                guards.append(f"{name} is _NO")
            optional = optional or (parameter.positional and "=" in argument)
            (positional if parameter.positional else keywords).append(argument)
        lines = [f"if {' or '.join(guards)}:", "    raise _Unbound"] if guards else []
        for i, (name, parameter) in enumerate(self.pairs):
            if not _same_method(parameter, "normalize"):
                self.scope[f"_normal{i}"] = parameter.normalize
                lines.append(f"{name} = _normal{i}({name})")
        lines.append(f"_values = ({''.join(name + ', ' for name in self.names)})")
        arguments = ", ".join([*positional, *(["*", *keywords] if keywords else [])])
        source = f"def make({arguments}):\n" + "".join(f"    {line}\n" for line in [*lines, *body])
        define(source, f"constructor of {self.cls.__qualname__}", self.scope)
        made: Callable[..., Any] = self.scope.pop("make")
        return made

    def _computed(self, name: str, parameter: Parameter[Any]) -> bool:
        """Whether the value is found anew for each instance that is not given it."""
        return (
            not all(_same_method(parameter, method) for method in _LOOKUP)
            or parameter._config_path is not None
            or self._is_configured(name)
        )

    def _is_configured(self, name: str) -> bool:
        """Whether the configuration has a value, even one that cannot be read."""
        try:
            return configured(self.cls.get_task_family(), name) is not None
        except Exception:  # a parser of the user's choice, and what it reads: told of when the value is asked for
            return True

    def _constant(self, name: str, parameter: Parameter[Any]) -> Any:
        """What the parameter is, before normalisation, when not given; NO_VALUE if that is no constant."""
        if not all(_same_method(parameter, method) for method in _LOOKUP):
            return NO_VALUE
        if self._is_configured(name):
            try:
                return parameter.parse(configured(self.cls.get_task_family(), name))
            except Exception:  # user code: parse(); it is told of when the value is asked for
                return NO_VALUE
        return parameter._default if parameter._config_path is None else NO_VALUE

    def _warn_of_unconsumed(self) -> None:
        """Tells once a class of configured names that are no parameters of it."""
        cls, family = self.cls, self.cls.get_task_family()
        told: set[str] = cls.__dict__.get("_unconsumed_params") or set()
        ignored = getattr(cls, "ignore_unconsumed", ())
        for key, value in configured_keys(family):
            name = key.replace("-", "_")
            if name not in self.by_name and name not in ignored and name not in told:
                told.add(name)
                type.__setattr__(cls, "_unconsumed_params", told)
                warnings.warn(
                    f"The configuration contains the parameter '{name}' with value '{value}' "
                    f"that is not consumed by the task '{family}'.",
                    UnconsumedParameterWarning,
                    stacklevel=2,
                )


_recipes: dict[Any, Recipe] = {}


def recipe_of(cls: Any) -> Recipe:
    """The recipe of a class, compiled when there is none of this generation."""
    recipe = _recipes.get(cls)
    if recipe is None or recipe.generation != generation():
        recipe = _recipes[cls] = Recipe(cls)
    return recipe


def constructor(cls: Register) -> Callable[..., Any]:
    """The function that does what calling the class does: finds the instance with these parameters or makes it."""
    recipe = recipe_of(cls)
    instances = cls.cached_instances()
    if not recipe.standard:
        return lambda *args, **kwargs: make_by_general_rules(cls, args, kwargs)
    if instances is None:
        return lambda *args, **kwargs: cls.instantiate(args, kwargs)
    if recipe.direct:
        return recipe.maker(instances)

    def make(*args: Any, **kwargs: Any) -> Any:
        values = recipe.values(args, kwargs)
        try:
            known = instances.get(values)
        except TypeError:
            return cls.instantiate(args, kwargs)
        if known is None:
            known = instances[values] = cls.instantiate(args, kwargs)
        return known

    return make


def make_by_general_rules(cls: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Finds or makes the instance by asking the class's own get_params and get_param_values."""
    pairs = cls.get_param_values(cls.get_params(), args, kwargs)
    key = tuple([value for _, value in pairs]) if recipe_of(cls).standard else (*pairs,)
    instances = cls.cached_instances()
    try:
        known = None if instances is None else instances.get(key)
    except TypeError:
        return cls.instantiate(args, kwargs)
    if known is None:
        known = cls.instantiate(args, kwargs)
        if instances is not None:
            instances[key] = known
    return known
