from __future__ import annotations

import subprocess
from collections.abc import Sequence

import pytest

from martlet.command.shell import command_of
from martlet.command.template import Field


def resolve(field: Field) -> Sequence[str]:
    return {"output": ("/tmp/a b;",), "input": ("x", "y"), "n": ("7",), "cd": ("cd",)}[field.name]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("touch {output}", ["touch", "/tmp/a b;"]),
        ("gcc -O2 -o {output}  main.c\t-lm", ["gcc", "-O2", "-o", "/tmp/a b;", "main.c", "-lm"]),
        ("cp a{n}.txt{n}x {output}/{n}", ["cp", "a7.txt7x", "/tmp/a b;/7"]),
        ("./run --n={n} n=1", ["./run", "--n=7", "n=1"]),
    ],
)
def test_a_line_that_needs_no_shell_runs_without(line: str, words: list[str]) -> None:
    assert command_of(line, None, resolve) == words


@pytest.mark.parametrize(
    "line",
    [
        "touch {output} && echo", "echo $HOME > {output}", "cat *.txt", "cd {output}", "exec touch x", "A=1 env",
        "{cd} x", "ls ~", "a\nb", "echo 'x'", "! false", "# nothing", "cat {input}", ": {output}", "printf x", "",
    ],
)  # fmt: skip
def test_any_other_has_one(line: str) -> None:
    assert command_of(line, None, resolve)[:2] == ["/bin/sh", "-c"]


def test_a_pipe_fails_when_any_part_does() -> None:
    words = command_of("false | cat > /dev/null", None, resolve)
    assert subprocess.call(words) == 1, f"{words[0]} has no pipefail"


def test_a_shell_of_the_tasks_own() -> None:
    assert command_of("touch {output}", "bash -eu", resolve) == ["bash", "-eu", "-c", "touch '/tmp/a b;'"]
