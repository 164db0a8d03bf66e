"""`python -m martlet`."""

import sys

from .steering.command_line import main

if __name__ == "__main__":
    sys.exit(main())
