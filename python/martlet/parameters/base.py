"""What every parameter is, and how parameters go wrong."""

# The names are luigi's.

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Generic, overload

from .configured import configured

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    T = TypeVar("T", default=str)
else:
    from typing import TypeVar

    T = TypeVar("T")


class NoValue:
    """The type of the one object that stands for "no default"."""

    _instance: NoValue | None = None

    def __new__(cls) -> NoValue:
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance

    def __repr__(self) -> str:
        return "<no_value>"


NO_VALUE: Any = NoValue()


class ParameterVisibility(IntEnum):
    """Where a parameter shows."""

    PUBLIC = 0
    """Everywhere, the task's id included."""
    HIDDEN = 1
    """Not shown and not part of the id, but sent along with the task."""
    PRIVATE = 2
    """Never leaves the process."""

    @classmethod
    def has_value(cls, value: object) -> bool:
        """Whether `value` is one of the three."""
        return any(value == item.value for item in cls)

    def serialize(self) -> int:
        """The number itself."""
        return self.value


class ParameterException(Exception):
    """Something is wrong with a parameter."""


class MissingParameterException(ParameterException):
    """A parameter without a default was not given."""


class UnknownParameterException(ParameterException):
    """A parameter was given that the task does not have."""


class DuplicateParameterException(ParameterException):
    """A parameter was given twice."""


class ParameterValueError(ParameterException, ValueError):
    """A text that is no value of the parameter."""

    def __init__(self, family: str, parameter: str, value: object, expected: str, cause: str = "") -> None:
        self.family = family
        self.parameter = parameter
        self.value = value
        self.expected = expected
        self.cause = cause
        where = f"{family}: " if family else ""
        super().__init__(f"{where}parameter {parameter} cannot be {value!r}: expected {expected}")


class OptionalParameterTypeWarning(UserWarning):
    """An optional parameter got a value of a type it does not expect."""


class UnconsumedParameterWarning(UserWarning):
    """The configuration names a parameter the task does not have."""


class Parameter(Generic[T]):
    """A parameter of a task, declared as a class attribute; its value is a string unless a subclass says otherwise.

    A value given to the constructor wins over the command line (`--Family-name`), that over the configuration
    (`[Family] name`), that over `default`. Values are normalised whatever they come from. Parameters of a class are
    ordered as they were created. On an instance the attribute reads as the value and may be assigned; before there is a
    value it reads as the parameter.
    """

    _counter = 0
    _attribute_name: str | None = None

    def __init__(
        self,
        default: T | NoValue = NO_VALUE,
        is_global: bool = False,
        significant: bool = True,
        description: str | None = None,
        config_path: Mapping[str, str] | None = None,
        positional: bool = True,
        always_in_help: bool = False,
        batch_method: Callable[[Iterable[Any]], Any] | None = None,
        visibility: ParameterVisibility = ParameterVisibility.PUBLIC,
    ) -> None:
        """
        :param default: the value when none is given, of the parameter's own type.
        :param is_global: no longer supported; means positional=False.
        :param significant: whether tasks that differ in this parameter alone are different tasks.
        :param description: shown by --help.
        :param config_path: deprecated: `{"section": …, "name": …}` to read the value from.
        :param positional: whether the constructor takes it by position.
        :param always_in_help: whether --help shows it whatever the task.
        :param batch_method: combines the values of several tasks into the one of a task that does their work.
        """
        self._default: Any = default
        self._batch_method = batch_method
        if is_global:
            warnings.warn("is_global support is removed. Assuming positional=False", DeprecationWarning, stacklevel=2)
            positional = False
        self.significant = significant
        self.positional = positional
        self.visibility = visibility if ParameterVisibility.has_value(visibility) else ParameterVisibility.PUBLIC
        self.description = description
        self.always_in_help = always_in_help
        if config_path is not None and ("section" not in config_path or "name" not in config_path):
            raise ParameterException("config_path must be a hash containing entries for section and name")
        self._config_path = config_path
        self._counter = Parameter._counter
        Parameter._counter += 1

    def __set_name__(self, owner: type, name: str) -> None:
        self._attribute_name = name

    if TYPE_CHECKING:
        # There is no __get__: the value is found in the instance's __dict__ at once, five times as fast.
        @overload
        def __get__(self, instance: None, owner: Any) -> Parameter[T]: ...

        @overload
        def __get__(self, instance: Any, owner: Any) -> T: ...

        def __get__(self, instance: Any, owner: Any) -> Any: ...

    def __set__(self, instance: Any, value: T) -> None:
        if self._attribute_name is None:
            raise RuntimeError("Parameter name not set: it must be an attribute of the class")
        instance.__dict__[self._attribute_name] = value

    @property
    def expected(self) -> str:
        """What the command line accepts, in a few words that follow "expected"."""
        return "a text"

    def parse(self, x: str) -> T:
        """The value a text stands for; raises ValueError."""
        return x  # type: ignore[return-value]

    def serialize(self, x: T) -> str:
        """The text of a value, which `parse` understands."""
        return str(x)

    def normalize(self, x: T) -> T:
        """The value that is kept for a value given: may round, convert, freeze, or refuse with ValueError."""
        return x

    def from_text(self, text: str, name: str, family: str = "") -> T:
        """Parses and normalises what a user typed; raises ParameterValueError, which says what was expected."""
        try:
            return self.normalize(self.parse(text))
        except Exception as error:  # user code: parse(), normalize()
            raise ParameterValueError(family, name, text, self.expected, str(error)) from error

    def next_in_enumeration(self, value: T) -> T | None:
        """The value that follows, for summaries like `n=1..3`; None without such an order."""
        return None

    def _get_value_from_config(self, section: str, name: str) -> Any:
        text = configured(section, name)
        return NO_VALUE if text is None else self.parse(text)

    def _value_iterator(self, task_name: str, param_name: str) -> Iterator[tuple[Any, str | None]]:
        """Values by falling precedence, NO_VALUE where there is none, each with a warning for its use."""
        yield self._get_value_from_config(task_name, param_name), None
        if self._config_path:
            section, name = self._config_path["section"], self._config_path["name"]
            yield self._get_value_from_config(section, name), (
                f"The use of the configuration [{section}] {name} is deprecated. "
                f"Please use [{task_name}] {param_name}"
            )
        yield self._default, None

    def _get_value(self, task_name: str, param_name: str) -> Any:
        for value, warning in self._value_iterator(task_name, param_name):
            if value is not NO_VALUE:
                if warning:
                    warnings.warn(warning, DeprecationWarning, stacklevel=2)
                return value
        return NO_VALUE

    def has_task_value(self, task_name: str, param_name: str) -> bool:
        """Whether there is a value when the constructor gets none."""
        return self._get_value(task_name, param_name) is not NO_VALUE

    def task_value(self, task_name: str, param_name: str) -> T:
        """The normalised value when the constructor gets none; raises MissingParameterException."""
        value = self._get_value(task_name, param_name)
        if value is NO_VALUE:
            raise MissingParameterException("No default specified")
        return self.normalize(value)

    def _is_batchable(self) -> bool:
        return self._batch_method is not None

    def _parse_list(self, xs: list[str]) -> Any:
        """The combined value of several texts."""
        if self._batch_method is None:
            raise NotImplementedError("No batch method found")
        if not xs:
            raise ValueError("Empty parameter list passed to parse_list")
        return self._batch_method(map(self.parse, xs))

    def _warn_on_wrong_param_type(self, param_name: str, param_value: Any) -> None:
        if self.__class__ is Parameter and not isinstance(param_value, str):
            # no stack level: whoever made the task is not always the same number of frames away
            warnings.warn(f'Parameter "{param_name}" with value "{param_value}" is not of type string.')  # noqa: B028

    def _parse_or_no_value(self, x: Any) -> Any:
        return self.parse(x) if x else NO_VALUE

    @staticmethod
    def _parser_global_dest(param_name: str, task_name: str) -> str:
        return task_name + "_" + param_name

    def _parser_kwargs(self, param_name: str, task_name: str | None = None) -> dict[str, Any]:
        """Arguments for argparse's `add_argument`."""
        dest = self._parser_global_dest(param_name, task_name) if task_name else param_name
        return {"action": "store", "dest": dest}
