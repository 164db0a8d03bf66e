"""Tasks that run as one while the rest is still being planned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from martlet.parameters import IntParameter
from martlet.targets.local import LocalTarget
from running.runs import ran
from running.streamed import Early, Made, go
from running.waiting import until

pytestmark = pytest.mark.usefixtures("short_slices")


class Portion(Made):
    """Made many at once; the last of them is planned when something else has run."""

    n = IntParameter(batch_method=tuple)
    max_batch_size = 4

    @property
    def numbers(self) -> Any:
        return self.n if isinstance(self.n, tuple) else (self.n,)

    @property
    def name(self) -> str:
        return "portion-" + "+".join(map(str, self.numbers))

    def requires(self) -> Any:
        if self.n == 0:
            until(Path(f"{self.folder}/early").exists)
        return []

    def output(self) -> Any:
        return [LocalTarget(f"{self.folder}/portion-{n}") for n in self.numbers]

    def run(self) -> None:
        with open(f"{self.folder}/ran", "a") as log:
            log.write(f"{self.name}\n")
        for target in self.output():
            target.open("w").close()


class Portions(Made):
    @property
    def name(self) -> str:
        return "portions"

    def requires(self) -> Any:
        return [*(Portion(self.folder, n) for n in range(10)), Early(self.folder)]


@pytest.mark.parametrize("workers", [1, 2])
def test_batches_are_as_full_as_planned_first(tmp_path: Path, workers: int) -> None:
    assert go(Portions(str(tmp_path)), tmp_path, workers)
    assert "early" in ran(tmp_path)
    sizes = [line.count("+") + 1 for line in ran(tmp_path) if line.startswith("portion-")]
    assert sorted(sizes) == [2, 4, 4]
