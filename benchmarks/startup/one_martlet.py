"""A script of one task, as an analyst starts it."""

from typing import Any

import martlet


class One(martlet.Task):
    folder = martlet.Parameter()
    stage = martlet.Parameter(default="one")
    systematic = martlet.Parameter(default="nominal")
    number = martlet.IntParameter(default=0)

    def output(self) -> Any:
        return martlet.LocalTarget(f"{self.folder}/one")

    def run(self) -> None:
        with self.output().open("w") as file:
            file.write("twenty bytes of text")


if __name__ == "__main__":
    martlet.run()
