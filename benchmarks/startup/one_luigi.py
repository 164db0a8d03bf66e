"""A script of one task, as an analyst starts it."""

from typing import Any

import luigi


class One(luigi.Task):
    folder = luigi.Parameter()
    stage = luigi.Parameter(default="one")
    systematic = luigi.Parameter(default="nominal")
    number = luigi.IntParameter(default=0)

    def output(self) -> Any:
        return luigi.LocalTarget(f"{self.folder}/one")

    def run(self) -> None:
        with self.output().open("w") as file:
            file.write("twenty bytes of text")


if __name__ == "__main__":
    luigi.run()
