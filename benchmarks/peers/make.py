"""GNU make with two jobs."""

from __future__ import annotations

from ..job import CONTENT, Job, path_of


def lay_out(job: Job) -> None:
    """Writes the Makefile."""
    with open(f"{job.folder}/Makefile", "w") as file:
        keys = job.shape.tasks() if job.everything else [job.shape.root]
        file.write(f".SUFFIXES:\nall: {' '.join(path_of('files', *key) for key in keys)}\n")
        for key in job.shape.tasks():
            needed = " ".join(path_of("files", *one) for one in job.shape.needs(*key))
            touches = job.work == "touch" and key != job.shape.root
            recipe = "touch $@" if touches else f"printf '{CONTENT}' > $@"
            file.write(f"{path_of('files', *key)}: {needed}\n\t@{recipe}\n")


def command(job: Job) -> list[str]:
    """What is measured."""
    return ["make", "--no-builtin-rules", "-j2", "-C", job.folder, "--silent"]
