"""A file of one task, as doit reads it."""

import os
from typing import Any

from doit import get_var


def write(path: str) -> None:
    with open(path + ".tmp", "w") as file:
        file.write("twenty bytes of text")
    os.replace(path + ".tmp", path)


def task_one() -> dict[str, Any]:
    path = get_var("folder") + "/one"
    return {"actions": [(write, [path])], "targets": [path]}
