from __future__ import annotations

from collections.abc import Sequence

import pytest

from martlet.command.template import Field, TemplateError, line_of, pieces, text_of, words_of


def resolve(field: Field) -> Sequence[str]:
    known = {"output": ("/a b/out",), "input": ("one", "it's two"), "none": (), "braces": ("{output}",)}
    return known[field.name]


def test_names_keys_and_braces() -> None:
    assert pieces("a {b} {c[x y][0]} {{d}}") == ("a ", Field("b", ()), " ", Field("c", ("x y", "0")), " {d}")
    assert pieces("{{}}") == ("{}",) and pieces("") == ()
    assert str(Field("c", ("x", "0"))) == "{c[x][0]}"


@pytest.mark.parametrize("text", ["{", "}", "awk '{print $1}'", "{}", "{0}", "{a.b}", "{a[]}", "{{}", "${HOME:-x}"])
def test_lone_braces_are_refused(text: str) -> None:
    with pytest.raises(TemplateError, match="a lone"):
        pieces(text)


def test_arguments() -> None:
    assert words_of("{output}", resolve) == ["/a b/out"]
    assert words_of("--to={output}.gz", resolve) == ["--to=/a b/out.gz"]
    assert words_of("{input}", resolve) == ["one", "it's two"]
    assert words_of("{none}", resolve) == []
    assert words_of("{braces}", resolve) == ["{output}"], "what is filled in is not looked at again"
    with pytest.raises(TemplateError, match=r"\{input\} stands for 2 values"):
        text_of("--from={input}", resolve)


def test_lines_are_quoted() -> None:
    assert line_of("sort {input} > {output}", resolve) == """sort one 'it'"'"'s two' > '/a b/out'"""
    assert line_of("awk '{{print $1}}' {braces}", resolve) == "awk '{print $1}' '{output}'"
