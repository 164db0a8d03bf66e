"""ninja with two jobs."""

from __future__ import annotations

from ..job import CONTENT, Job, path_of


def lay_out(job: Job) -> None:
    """Writes build.ninja.

    ninja takes a file as made only if its log says by which command. A rule that is a generator is believed by the
    file alone, so that a state need not be made by ninja itself.
    """
    generator = "" if job.state == "fresh" else "  generator = 1\n"
    recipes = {"file": f"printf '{CONTENT}' > $out", "touch": "touch $out"}
    with open(f"{job.folder}/build.ninja", "w") as file:
        for name, recipe in recipes.items():
            file.write(f"rule {name}\n  command = {recipe}\n{generator}")
        for key in job.shape.tasks():
            needed = " ".join(path_of("files", *one) for one in job.shape.needs(*key))
            rule = "file" if key == job.shape.root else job.work
            file.write(f"build {path_of('files', *key)}: {rule} {needed}\n")
        if not job.everything:
            file.write(f"default {path_of('files', *job.shape.root)}\n")


def command(job: Job) -> list[str]:
    """What is measured."""
    return ["ninja", "-j2", "-C", job.folder, "--quiet"]
