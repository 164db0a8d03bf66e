"""What can be said of a store is what those who connect to stores read, and no more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from martlet.steering import store_options

ROOT = Path(__file__).resolve().parents[3]
SWIFT = re.compile(r"""\boptions\.(?:text|flag|number|isOff)\(\s*"(\w+)\"""")
SECRET = re.compile(r"""SecretSource\("(\w+)", options""")
"""Of a secret the file is named."""
PYTHON = re.compile(r"""settings(?:\.get\(|\[)"(\w+)\"""")
HERE = {"url", "name"}
"""What every store has."""


def read_somewhere() -> set[str]:
    found: set[str] = set()
    for folder, ending, pattern in (
        (ROOT / "Sources" / "MartletStorage", "*.swift", SWIFT),
        (ROOT / "python" / "martlet" / "storage", "*.py", PYTHON),
    ):
        for path in folder.rglob(ending):
            text = path.read_text()
            found |= {*pattern.findall(text), *(f"{name}_file" for name in SECRET.findall(text))}
    return found


@pytest.mark.skipif(not (ROOT / "Sources").exists(), reason="the sources of the engine are not here")
def test_what_back_ends_read_can_be_said() -> None:
    unheard = read_somewhere() - set(store_options.BY_NAME) - HERE
    assert not unheard, f"these need a line in martlet.steering.store_options: {sorted(unheard)}"


def test_every_option_is_explained_and_documented() -> None:
    page = (ROOT / "docs" / "storage.md").read_text(encoding="utf-8")
    assert all(option.help and f"| `{option.name}` |" in page for option in store_options.OPTIONS)


def test_off_is_a_value_where_something_would_be_looked_for() -> None:
    for name in ("proxy", "token"):
        assert store_options.checked(store_options.BY_NAME[name], False, Path("/")) is False
        with pytest.raises(ValueError, match="or false"):
            store_options.checked(store_options.BY_NAME[name], True, Path("/"))
    assert store_options.checked(store_options.BY_NAME["proxy"], "x509", Path("/a")) == "/a/x509"
