"""A run in a process of its own: `python -m running.driver FAMILY PARAMETERS OPTIONS`, the latter two as JSON."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from martlet.running.build import run
from martlet.running.options import Options
from martlet.steering.plain import PlainReporter
from running import units


def main(family: str, parameters: str, options: str) -> int:
    """Prints what was made, by whom, and ends with the run's exit code."""
    os.environ["DRIVER"] = str(os.getpid())
    given = json.loads(options)
    task = getattr(units, family)(**json.loads(parameters))
    result = run([task], Options(**{**given, "state": Path(given["state"])}), PlainReporter(sys.stderr))
    print(json.dumps({"done": result.count("done"), "present": result.count("present"), "notes": result.notes}))
    return result.exit_code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
