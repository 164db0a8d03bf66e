"""Python itself, and one file."""

import os
import sys


def main(path: str) -> None:
    with open(path + ".tmp", "w") as file:
        file.write("twenty bytes of text")
    os.replace(path + ".tmp", path)


if __name__ == "__main__":
    main(sys.argv[1] + "/one")
