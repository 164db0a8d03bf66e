"""The user's frames first and only theirs; chained exceptions stay."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

import martlet.diagnostics
from martlet import user_frames


def caught(code: str, name: str = "/home/user/reco.py") -> BaseException:
    with pytest.raises(BaseException) as raised:  # noqa: PT011
        exec(compile(code, name, "exec"), {"ours": exec})
    return raised.value


def as_ours(code: str) -> str:
    """Code that seems to stand in a file of the package."""
    return f"exec(compile({code!r}, {str(Path(martlet.diagnostics.__file__).with_name('x.py'))!r}, 'exec'), globals())"


def test_our_frames_are_gone() -> None:
    error = caught("def run():\n    raise ValueError('no jets')\n" + as_ours("run()"))
    text = user_frames.text(error)
    assert "x.py" not in text
    assert text.endswith("ValueError: no jets")
    assert 'File "/home/user/reco.py", line 2, in run' in text
    assert "x.py" in user_frames.text(caught("def run():\n    1/0\n" + as_ours("run()")), whole=True)


def test_chained_exceptions_are_kept_and_stripped() -> None:
    inner = as_ours("first()")
    error = caught(
        "def first():\n    raise KeyError('pt')\n"
        f"try:\n    {inner}\nexcept KeyError as error:\n    raise RuntimeError('no pt') from error\n"
    )
    text = user_frames.text(error)
    assert "KeyError: 'pt'" in text
    assert "direct cause" in text
    assert "x.py" not in text


def test_context_that_refers_to_itself_ends() -> None:
    error = caught("raise ValueError('x')")
    other = RuntimeError("y")
    error.__context__, other.__context__ = other, error
    assert "ValueError: x" in user_frames.text(error)


def test_importlib_frames_are_gone(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "broken_module.py").write_text("1 / 0\n")
    monkeypatch.syspath_prepend(str(project))
    with pytest.raises(ZeroDivisionError) as raised:
        importlib.import_module("broken_module")
    text = user_frames.text(raised.value)
    assert "<frozen importlib" not in text
    assert "importlib/__init__.py" not in text
    assert "broken_module.py" in text


@pytest.mark.parametrize(
    ("error", "line"),
    [(ValueError("a\nb"), "ValueError: a"), (ValueError(), "ValueError"), (KeyError("x"), "KeyError: 'x'")],
)
def test_one_line(error: Exception, line: str) -> None:
    assert user_frames.one_line(error) == line


@pytest.mark.parametrize(
    ("filename", "users"),
    [
        ("/home/user/reco.py", True),
        ("<ipython-input-3>", True),
        ("/usr/lib/python3.11/json/decoder.py", True),
        ("<frozen importlib._bootstrap>", False),
        ("<frozen runpy>", False),
        ("/usr/lib/python3.11/importlib/__init__.py", False),
        ("/usr/lib/python3.11/runpy.py", False),
        (martlet.diagnostics.__file__, False),
    ],
)
def test_whose_frame(filename: str, users: bool) -> None:
    assert user_frames.is_users(filename) is users
