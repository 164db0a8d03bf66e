"""Looking at many targets by listing their directories."""

from __future__ import annotations

import pytest

from martlet.storage.errors import StorageError
from martlet.storage.listings import Existence, Listings, Names

ROOT = "mem://host"


class Store:
    """Directories and the names in them; counts what it is asked."""

    def __init__(self, **directories: set[str] | StorageError) -> None:
        self.directories = {f"{ROOT}/{name}": names for name, names in directories.items()}
        self.late: set[str] = set()
        """Targets that a listing does not show yet."""
        self.listed: list[str] = []
        self.asked: list[str] = []
        self.listings = Listings(self._list, self._ask)

    def _list(self, directories: list[str]) -> list[Names]:
        self.listed += directories
        return [self._names(directory) for directory in directories]

    def _names(self, directory: str) -> Names:
        names = self.directories.get(directory, StorageError("absent", directory))
        if isinstance(names, StorageError):
            return names
        return frozenset(name for name in names if f"{directory}/{name}" not in self.late)

    def _ask(self, targets: list[str]) -> list[Existence]:
        self.asked += targets
        found: list[Existence] = []
        for target in targets:
            directory, _, name = target.rpartition("/")
            names = self.directories.get(directory, set())
            found.append(True if isinstance(names, StorageError) else name in names)
        return found

    def look(self, directory: str, *names: str, planning: int | None = 1) -> list[Existence]:
        return self.listings.look([f"{ROOT}/{directory}/{name}" for name in names], planning)


MANY = [f"f{number}" for number in range(10)]


def test_one_listing_answers_for_all_in_a_directory() -> None:
    store = Store(d={"f0", "f7"})
    assert store.look("d", *MANY) == [name in ("f0", "f7") for name in MANY]
    assert store.listed == [f"{ROOT}/d"]
    assert store.asked == []


def test_a_hundred_directories_are_listed_at_once() -> None:
    store = Store(**{f"d{number}": {"f1"} for number in range(100)})
    targets = [f"{ROOT}/d{number}/{name}" for name in MANY for number in range(100)]
    assert sum(found is True for found in store.listings.look(targets, 1)) == 100
    assert len(store.listed) == 100
    assert store.asked == []


def test_few_targets_are_asked_one_by_one() -> None:
    store = Store(d={"f0"})
    assert store.look("d", "f0", "f1") == [True, False]
    assert store.listed == []


def test_few_again_and_again_are_many() -> None:
    store = Store(d={"f0"})
    for name in MANY:
        assert store.look("d", name) == [name == "f0"]
    assert len(store.listed) == 1
    assert len(store.asked) == 3


def test_within_one_planning_nothing_is_listed_twice() -> None:
    store = Store(d={"f0"})
    store.look("d", *MANY)
    store.directories[f"{ROOT}/d"] = {"f1"}
    assert store.look("d", "f0", "f1") == [True, False]
    assert store.look("d", *MANY, planning=2)[:2] == [False, True]
    assert len(store.listed) == 2


def test_outside_of_planning_everything_is_asked_anew() -> None:
    store = Store(d={"f0"})
    for _ in range(2):
        assert store.look("d", *MANY, planning=None)[:2] == [True, False]
    assert len(store.listed) == 2


def test_a_listing_that_lags_makes_nothing_absent_once_a_task_has_run() -> None:
    store = Store(d=set(MANY))
    store.late = {f"{ROOT}/d/f3"}
    assert store.look("d", *MANY, planning=None) == [True] * 10
    assert store.asked == [f"{ROOT}/d/f3"]


def test_nothing_is_in_a_directory_that_is_not_there() -> None:
    assert Store().look("d", *MANY) == [False] * 10


def test_a_store_that_cannot_be_reached_is_not_asked_about_each() -> None:
    gone = StorageError("transient", f"{ROOT}/d", "connection refused")
    store = Store(d=gone)
    assert store.look("d", *MANY) == [gone] * 10
    assert store.asked == []


@pytest.mark.parametrize("kind", ["denied", "unsupported"])
def test_a_directory_that_may_be_entered_but_not_listed(kind: str) -> None:
    store = Store(d=StorageError(kind, f"{ROOT}/d"))
    assert store.look("d", *MANY) == [True] * 10
    assert len(store.asked) == 10
