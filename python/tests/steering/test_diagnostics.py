"""Every code has its sentence, and texts name what, why and the way out."""

from __future__ import annotations

import pytest

from martlet.diagnostics import WORDING, Code, Diagnostic, MartletError, did_you_mean, nearest
from martlet.running.result import ExitCode


@pytest.mark.parametrize("code", Code)
def test_every_code_has_wording(code: Code) -> None:
    wording = WORDING[code]
    for sentence in (wording.what, wording.hint):
        assert sentence
        assert not sentence.endswith(".")
    assert wording.exit_code is not ExitCode.OK


def test_no_wording_without_a_code() -> None:
    assert set(WORDING) == set(Code)


def test_sentences_differ() -> None:
    assert len({wording.what for wording in WORDING.values()}) == len(WORDING)


def test_text_names_subject_what_why_and_way_out() -> None:
    text = Diagnostic(Code.MALFORMED_PARAMETER, "Selection.mu (--mu)", "'x' given", "give a number").text()
    assert text == (
        "martlet: Selection.mu (--mu): the value of this parameter is not understood: 'x' given\n  hint: give a number"
    )


def test_the_table_hint_stands_in() -> None:
    text = Diagnostic(Code.INTERRUPTED, "").text()
    assert text == "martlet: interrupted\n  hint: run the same command again to go on"


def test_an_error_knows_its_exit_code() -> None:
    assert MartletError(Diagnostic(Code.CYCLE, "A")).exit_code is ExitCode.BROKEN


def test_nearest_names() -> None:
    known = ["Reconstruction", "Selection", "Plots"]
    assert nearest("reconstruction", known) == ["Reconstruction"]
    assert did_you_mean("Selectoin", known) == "did you mean Selection?"
    assert nearest("--wrokers", ["--retries", "--workers"]) == ["--workers"]
    assert nearest("--dataset", ["--datasets", "--data-set"]) == ["--datasets", "--data-set"]
    assert did_you_mean("xyz", known) == ""
