"""The same sources have the same digests on every Python of the machine."""

from __future__ import annotations

import os
import subprocess
import sysconfig
from pathlib import Path

import pytest

import martlet
from clean_environments import ROOT, interpreters

CORPUS = Path(__file__).with_name("corpus.py")
HAND_MADE = '''
from __future__ import annotations
import physics.cuts as cuts
async def f(a, /, b: "list['A']" = 1, *c, d=None, **e) -> 'int':
    """doc"""
    x = [y async for y in a if (z := y) > 1_0]
    return f"{x!r:>{b}} {{}} {'nested'} {d=}" f"{b:%H:%M}" "tail\\N{BULLET}é\\udcff"
match a:
    case {"k": [1, *rest], **others} | None: g(rest)
    case A(b=-1.5e300) if c: ...
    case _: pass
with (open("a") as g, open(b"b") as h): del g[1:2, ..., ::3], h
try: lambda *, k: (yield)
except (A, B) as error: raise C from error
finally: x: int; y: "str" = 1e999j
class D(A, metaclass=M):
    'doc'
    v = 0x_ff if not True else ~1
    @property
    def w(self): global q; q = 1; return {**a, 'b': {1, 2}, **c}
'''


def sources(folder: Path) -> list[Path]:
    made = folder / "hand_made.py"
    made.write_text(HAND_MADE, encoding="utf-8")
    library = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    own = sorted((ROOT / "python").rglob("*.py")) + sorted((ROOT / "examples").rglob("*.py"))
    # what later versions added to the language, earlier ones refuse
    return [made, *own[::4], *[path for path in library if path.stat().st_size < 60_000][::3]]


def digests(python: str, paths: list[Path]) -> dict[str, str]:
    packages = str(Path(martlet.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": packages, "MARTLET_LUIGI": "real"}
    told = subprocess.run(
        [python, str(CORPUS)], input="\n".join(map(str, paths)), capture_output=True, text=True, env=environment,
        check=True,
    ).stdout  # fmt: skip
    return {path: digest for digest, _, path in (line.rpartition(" ") for line in told.splitlines())}


def test_every_python_has_the_same_digests(tmp_path: Path) -> None:
    found = interpreters()
    if len(found) < 2:
        pytest.skip("one Python has nobody to differ from")
    paths = sources(tmp_path)
    told = {one.label: digests(str(one.path), paths) for one in found}
    first, *others = told
    assert len(told[first]) == len(paths)
    assert "refused" not in told[first][str(tmp_path / "hand_made.py")]
    for other in others:
        differing = [
            path for path, digest in told[first].items()
            if digest != told[other][path] and "refused" not in digest and "refused" not in told[other][path]
        ]  # fmt: skip
        assert differing == [], f"{first} and {other}"
