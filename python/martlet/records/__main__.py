"""`python -m martlet.records STATE QUESTION --json|--lines`: `martlet reports verify`, where outputs lie in stores."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from ..running.result import ExitCode
from ..storage import launching
from .questions import ask
from .refusal import RecordsError


def main(words: Sequence[str]) -> int:
    state, question, form = words
    given = json.loads(question)
    launching.ready()
    try:
        answer = ask(state, given.pop("ask"), lines=form == "--lines", **given)
    except RecordsError as error:
        print(f"martlet: {error}", file=sys.stderr)
        return ExitCode.INTERNAL
    print("\n".join(answer["lines"]) if form == "--lines" else json.dumps(answer, ensure_ascii=False))
    return ExitCode.FAILED if answer["outputs"] else ExitCode.OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
