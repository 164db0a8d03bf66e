"""The analysis of the benchmarks of jobs: branches that do almost nothing."""

SCRIPT = """\
import martlet


class Selection(martlet.Workflow):
    count = martlet.IntParameter()

    def create_branch_map(self):
        return self.count

    def output(self):
        return martlet.LocalTarget(f"out/{self.branch % 100}/{self.branch}.txt")

    def run(self):
        self.output().dump("twenty bytes of text")
"""
"""`Selection --count N`: N files in up to a hundred folders."""
