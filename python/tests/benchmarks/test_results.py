"""What is made of the numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.measure import Sample
from benchmarks.page import PAGE, ROOT
from benchmarks.peers import PEERS
from benchmarks.programme import BENCHMARKS, restricted
from benchmarks.results import Results, Series
from benchmarks.table import BLOCK, markdown, on_terminal, plain, significant, target_rows
from benchmarks.targets import TARGETS

MACHINE = {
    "date": "2026-11-23 04:00 UTC", "processor": "x", "cores": 2, "memory": 1, "system": "Debian", "kernel": "6",
    "commit": "", "versions": {"luigi": "3.8.1"}, "load": [0.5],
}  # fmt: skip


def series(peer: str, size: int, cpu: float, **extra: float) -> Series:
    return Series(peer, size, size + 1, [Sample(cpu, 2 * cpu, 20_000_000 + 1000 * size, extra=extra)])


def results(*all_series: Series, of: str = "fan") -> Results:
    return Results(MACHINE, {of: list(all_series)})


@pytest.mark.parametrize("exponent", [1.0, 2.0])
def test_growth_is_the_exponent(exponent: float) -> None:
    found = results(*(series("luigi", n, (n + 1) ** exponent * 1e-6) for n in (500, 1000, 2000)))
    assert found.growth("fan", "luigi") == pytest.approx(exponent)


def test_one_size_does_not_grow() -> None:
    assert results(series("luigi", 500, 1.0)).growth("fan", "luigi") is None


def test_medians_ignore_an_odd_one() -> None:
    one = Series("bare", 10, 11, [Sample(cpu, 1.0, 1) for cpu in (1.0, 9.0, 1.2)])
    assert one.cpu == 1.2


def test_results_are_read_as_written(tmp_path: Path) -> None:
    written = results(series("martlet", 100, 0.5, window=0.1))
    written.write(tmp_path / "deep" / "results.json")
    assert Results.read(tmp_path / "deep" / "results.json") == written


def test_a_target_is_judged_by_its_worst_size() -> None:
    found = results(series("martlet", 1000, 0.05), series("martlet", 10_000, 0.9), series("bare", 10_000, 0.45))
    rows = {row[0]: row for row in target_rows(found)}
    assert rows["fan, CPU a task, worst of all N"][2:] == ["90.0 µs", "not met"]
    assert rows["fan, ratio to the bare loop, worst of all N"][2:] == ["2.00", "met"]
    assert rows["a million tasks, wall"][2:] == ["not measured", ""]


def test_memory_of_a_task_is_a_slope() -> None:
    found = results(series("martlet", 1000, 1.0), series("martlet", 100_000, 1.0))
    rows = {row[0]: row for row in target_rows(found)}
    assert rows["memory a task, planned, run and recorded"][2:] == ["1,000 bytes", "met"]


def test_sizes_near_to_each_other_tell_nothing_of_memory() -> None:
    assert results(series("luigi", 500, 1.0), series("luigi", 1000, 1.0)).memory("fan", "luigi") is None
    assert results(series("luigi", 500, 1.0), series("luigi", 2000, 1.0)).memory("fan", "luigi") == 1000


def test_every_target_is_about_something_that_is_measured() -> None:
    everything = {
        name: [series(peer, n, 1.0, window=1.0, new=1.0, hit=1.0) for peer, sizes in one.sizes.items() for n in sizes]
        for name, one in BENCHMARKS.items()
    }
    for target in TARGETS:
        assert target.value(Results(MACHINE, everything)) is not None, target.title


def test_a_failed_measurement_is_shown_as_such() -> None:
    shown = on_terminal(results(Series("luigi", 500, 501, failed="luigi's run failed")))
    assert "luigi's run failed" in shown


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0.00"), (0.01234, "0.0123"), (1.5, "1.50"), (12.34, "12.3"), (99.96, "100"), (1234.5, "1,230")],
)
def test_three_significant_digits(value: float, text: str) -> None:
    assert significant(value) == text


def test_tables() -> None:
    table = [["", "CPU"], ["Martlet", "1.5"], ["make", "22.5"]]
    assert plain(table).splitlines()[1:] == ["Martlet   1.5", "make     22.5"]
    assert markdown(table).splitlines()[1:] == ["| --- | ---: |", "| Martlet | 1.5 |", "| make | 22.5 |"]


def test_peers_are_restricted_to_what_they_reach() -> None:
    sizes = {"martlet": (1000, 100_000), "luigi": (500,)}
    assert restricted(sizes, (), (1000,)) == {"martlet": (1000,)}
    assert restricted(sizes, ("luigi",), ()) == {"luigi": (500,)}


def test_the_programme_names_peers_that_exist() -> None:
    named = {peer for benchmark in BENCHMARKS.values() for peer in benchmark.sizes}
    assert named == set(PEERS)
    for peer in PEERS.values():
        assert Path(ROOT, *peer.module.split(".")).with_suffix(".py").is_file()


def test_the_page_shows_its_results() -> None:
    page = PAGE.read_text()
    assert BLOCK.renewed(page) == page, "renew it: python -m benchmarks.table --write benchmarks/results/….json"
