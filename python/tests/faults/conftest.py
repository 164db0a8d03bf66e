"""Named scenarios are played two at a time while the tests wait for their verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from faults.iteration import Verdict, play
from faults.scenario import Scenario


@pytest.fixture(scope="session")
def verdict_of(request: pytest.FixtureRequest) -> Iterator[Callable[[Scenario], Verdict]]:
    """`verdict_of(scenario)`; the `scenario` parameters of all selected tests are played from the first call on."""
    with ThreadPoolExecutor(2) as pool:
        playing = {
            repr(item.callspec.params["scenario"]): pool.submit(play, item.callspec.params["scenario"])
            for item in request.session.items
            if hasattr(item, "callspec") and isinstance(item.callspec.params.get("scenario"), Scenario)
        }
        yield lambda scenario: playing[repr(scenario)].result()
        for future in playing.values():
            future.cancel()
