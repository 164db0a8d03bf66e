"""Shell lines: which program runs them, and which need no shell at all."""

from __future__ import annotations

from collections.abc import Sequence

from .template import Field, Resolve, line_of, pieces

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+:,./-= \t")
"""Characters that mean nothing to a shell within a word."""
_SHELLS_OWN = frozenset(
    [
        ".", ":", "[", "alias", "bg", "break", "builtin", "case", "cd", "command", "continue", "declare", "do",
        "done", "echo", "elif", "else", "esac", "eval", "exec", "exit", "export", "false", "fc", "fg", "fi",
        "for", "function", "getopts", "hash", "if", "in", "jobs", "kill", "let", "local", "printf", "pwd",
        "read", "readonly", "return", "select", "set", "shift", "source", "test", "then", "time", "times",
        "trap", "true", "type", "typeset", "ulimit", "umask", "unalias", "unset", "until", "wait", "while",
    ]
)  # fmt: skip
"""Words that a shell carries out itself, or gives another meaning."""
_plain_lines: dict[str, bool] = {}


def command_of(line: str, shell: str | None, resolve: Resolve) -> list[str]:
    """The arguments that run a shell line.

    A line in which nothing is meant for a shell is run without one. A given `shell` always runs the line.
    """
    if shell is not None:
        import shlex  # only shell lines need it

        return [*shlex.split(shell), "-c", line_of(line, resolve)]
    if _is_plain(line):
        words = _words(line, resolve)
        if words is not None:
            return words
    if "|" in line:
        return [*_piping_shell(), line_of(line, resolve)]
    return ["/bin/sh", "-c", line_of(line, resolve)]


def _is_plain(line: str) -> bool:
    answer = _plain_lines.get(line)
    if answer is None:
        answer = all(_PLAIN.issuperset(piece) for piece in pieces(line) if isinstance(piece, str))
        if len(_plain_lines) < 4096:
            _plain_lines[line] = answer
    return answer


def _words(line: str, resolve: Resolve) -> list[str] | None:
    """The words of a plain line; None when it needs a shell after all."""
    words: list[str] = []
    open_word = False
    for piece in pieces(line):
        if isinstance(piece, Field):
            values = resolve(piece)
            if len(values) == 1:
                if open_word:
                    words[-1] += values[0]
                else:
                    words.append(values[0])
                open_word = True
                continue
            return None  # several values, or none, within a word: let a shell put them together
        parts = piece.split()
        if not parts:
            open_word = False
            continue
        if open_word and not piece[0].isspace():
            words[-1] += parts.pop(0)
        words += parts
        open_word = not piece[-1].isspace()
    if not words or "=" in words[0] or words[0] in _SHELLS_OWN:
        return None
    return words


def _piping_shell() -> Sequence[str]:
    """A shell in which a pipe fails when any of its parts does, if there is one."""
    from shutil import which  # only pipes need it

    bash = which("bash")
    return (bash, "-o", "pipefail", "-c") if bash else ("/bin/sh", "-c")
