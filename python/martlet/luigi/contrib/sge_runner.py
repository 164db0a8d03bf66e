"""luigi.contrib.sge_runner: what the job of a task of luigi.contrib.sge carries out, with the task's folder."""

import sys

from .shipped_task import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:2]))
