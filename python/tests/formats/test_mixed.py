from __future__ import annotations

import io

import pytest

from martlet.formats.mixed import MixedUnicodeBytesFormat


def test_text_is_encoded_with_a_warning() -> None:
    file = io.BytesIO()
    writer = MixedUnicodeBytesFormat().pipe_writer(file)
    assert writer.write(b"a") == 1
    with pytest.warns(UserWarning, match="Writing unicode to byte stream"):
        writer.write("é")
    with pytest.warns(UserWarning, match="Writing unicode"):
        writer.writelines(["b", b"c"])
    assert file.getvalue() == b"a\xc3\xa9bc"
    latin = io.BytesIO()
    with pytest.warns(UserWarning, match="Writing unicode"):
        MixedUnicodeBytesFormat("latin-1").pipe_writer(latin).write("é")
    assert latin.getvalue() == b"\xe9"
