"""What counts as a change of code, and what does not."""

from __future__ import annotations

import ast

import pytest

from martlet.fingerprint.canonical import text

SAME = {
    "comments": ("x = 1", "x = 1  # GeV\n# more"),
    "formatting": ("f(a, b)[1:2]", "f( a,\n   b )[1 : 2]"),
    "parentheses": ("y = (a + b) * c", "y = ((a + b)) * (c)"),
    "quotes": ("x = 'a' \"b\"", '''x = """ab"""'''),
    "numbers": ("x = 0x10 + 1_000 + 1.50", "x = 16 + 1000 + 1.5"),
    "docstring": ("def f():\n    return 1", "def f():\n    '''What it does.'''\n    return 1"),
    "docstring of a class": ("class A:\n    x = 1", "class A:\n    'doc'\n    x = 1\n    'of x'"),
    "pass": ("def f(): pass", "def f():\n    'doc'\n    ..."),
    "empty else": ("if a:\n    b()", "if a:\n    b()\nelse:\n    pass"),
    "quoted annotation": ("def f(x: list[int]) -> A: return x", "def f(x: 'list[int]') -> 'A': return x"),
    "quoted within": ("def f(x: list[A]): return x", "def f(x: list['A']): return x"),
    "quoted variable": ("x: A = 1", "x: 'A' = 1"),
    "f-string": ("f'{x!r:>{n}}' f' b'", '''f"{x!r:>{n}} " "b"'''),
    "f-string's braces": ("f'{{{a}}}'", "'{' f'{a}' '}'"),
    "with in parentheses": ("with (a as b, c as d): e()", "with a as b, c as d: e()"),
}
DIFFERENT = {
    "a cut": ("x = pt > 30", "x = pt > 35"),
    "a type of number": ("x = 1", "x = 1.0"),
    "a boolean": ("x = 1", "x = True"),
    "text and bytes": ("x = 'a'", "x = b'a'"),
    "a name": ("x = a", "x = b"),
    "an operator": ("x = a + b", "x = a - b"),
    "an order": ("f(a, b)", "f(b, a)"),
    "a default": ("def f(x=1): return x", "def f(x=2): return x"),
    "keyword only": ("def f(a, b): return a", "def f(a, *, b): return a"),
    "an annotation": ("x: int = 1", "x: float = 1"),
    "a literal annotation": ("def f(x: Literal['a']): return x", "def f(x: Literal['b']): return x"),
    "a conversion": ("f'{x!r}'", "f'{x!s}'"),
    "a specification": ("f'{x:.2f}'", "f'{x:.3f}'"),
    "a nesting": ("for a in b:\n    c()\n    d()", "for a in b:\n    c()\nd()"),
    "unpacking": ("{**a, 'b': 1}", "{'b': 1, **a}"),
    "text with a quote": (r"x = 'a\'b'", "x = 'ab'"),
    "accents": ("x = 'é'", "x = 'e'"),
    "async": ("async def f(): return 1", "def f(): return 1"),
}


def canonical(source: str) -> str:
    return text(ast.parse(source).body)


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME)
def test_what_is_written_otherwise_is_the_same(pair: tuple[str, str]) -> None:
    assert canonical(pair[0]) == canonical(pair[1])


@pytest.mark.parametrize("pair", DIFFERENT.values(), ids=DIFFERENT)
def test_what_does_something_else_is_not(pair: tuple[str, str]) -> None:
    assert canonical(pair[0]) != canonical(pair[1])


def test_the_form_is_what_it_was() -> None:
    """Digests in reports are of this text: a change of it makes everything look changed."""
    assert canonical("def f(x: 'A', *, y=None) -> int:\n    'doc'\n    return g(x, 1.5)['k'] if y else -0x1f") == (
        "FunctionDef(args=arguments(args=[arg(annotation=Name(id=A,),arg=x,),],kw_defaults=[None,],"
        "kwonlyargs=[arg(arg=y,),],),body=[Return(value=IfExp(body=Subscript(slice='k',value=Call(args="
        "[Name(id=x,),float(1.5),],func=Name(id=g,),),),orelse=UnaryOp(op=USub(),operand=int(1f),),test=Name(id=y,),),),]"
        ",name=f,returns=Name(id=int,),)"
    )


def test_it_is_ascii_and_takes_what_python_takes() -> None:
    written = canonical("µ = 'naïve\\udcff\\n' + \"it's\" + '\\\\'\nbig = 0x" + "f" * 5000)
    assert written.isascii() and "\n" not in written
    tree = ast.Expr(ast.Constant(0))
    for _ in range(20_000):
        tree = ast.Expr(ast.UnaryOp(ast.USub(), tree.value))
    assert len(text(tree)) > 20_000


@pytest.mark.parametrize("source", ["x = [None, ...]", "match a:\n    case None: b()\n    case {'k': [1, *r]}: c()"])
def test_none_and_ellipsis_count(source: str) -> None:
    assert canonical(source) != canonical(source.replace("None", "True").replace("...", "0"))
