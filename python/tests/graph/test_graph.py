"""Pictures of what tasks need: what shares a box, which states are told, and that others can read them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

import martlet
from martlet.graph import Graph, graph
from martlet.graph.layout import WIDTH, laid_out

SVG = "{http://www.w3.org/2000/svg}"


class Source(martlet.ExternalTask):
    folder = martlet.PathParameter(significant=False)
    number = martlet.IntParameter()

    def output(self) -> martlet.LocalTarget:
        return martlet.LocalTarget(f"{self.folder}/source{self.number}")


class Cell(martlet.Task):
    folder = martlet.PathParameter(significant=False)
    shift = martlet.IntParameter()
    number = martlet.IntParameter()

    def requires(self) -> Source:
        return Source(folder=self.folder, number=self.number)

    def output(self) -> martlet.LocalTarget:
        return martlet.LocalTarget(f"{self.folder}/cell{self.shift}_{self.number}")

    def run(self) -> None:
        self.output().touch()


class Merge(martlet.Task):
    folder = martlet.PathParameter(significant=False)
    shifts = martlet.IntParameter(default=3)
    numbers = martlet.IntParameter(default=40)

    def requires(self) -> list[Cell]:
        return [
            Cell(folder=self.folder, shift=i, number=j) for i in range(self.shifts) for j in range(self.numbers)
        ]

    def output(self) -> martlet.LocalTarget:
        return martlet.LocalTarget(f"{self.folder}/merge")


class Link(martlet.Task):
    folder = martlet.PathParameter(significant=False)
    number = martlet.IntParameter()

    def requires(self) -> object:
        return Link(folder=self.folder, number=self.number - 1) if self.number else []

    def output(self) -> martlet.LocalTarget:
        return martlet.LocalTarget(f"{self.folder}/link{self.number}")


def groups(drawn: Graph) -> dict[str, dict[str, int]]:
    return {group.title: group.counts for group in drawn.groups}


def test_a_grid_fits_on_a_page_with_its_states(tmp_path: Path) -> None:
    for number in range(39):
        (tmp_path / f"source{number}").touch()
    for number in range(30):
        (tmp_path / f"cell0_{number}").touch()
    drawn = graph(Merge(folder=tmp_path), state=tmp_path / "state")
    assert groups(drawn) == {
        "Merge(shifts=3, numbers=40)": {"blocked": 1},
        "Cell": {"done": 30, "would run": 87, "blocked": 3},
        "Source": {"done": 39, "missing": 1},
    }
    assert sorted(edge.count for edge in drawn.edges) == [120, 120]


def test_few_tasks_have_a_box_each_and_a_chain_says_so(tmp_path: Path) -> None:
    few = graph(Link(folder=tmp_path, number=8), state=tmp_path / "state")
    assert len(few.groups) == 9 and len(few.edges) == 8
    many = graph(Link(folder=tmp_path, number=1000), state=tmp_path / "state")
    assert len(many.groups) == 2
    assert "one after another" in many.text("svg")


def test_titles_cannot_break_any_form(tmp_path: Path) -> None:
    class Nasty(martlet.Task):
        text = martlet.Parameter()

        def output(self) -> martlet.LocalTarget:
            return martlet.LocalTarget(f"{tmp_path}/nasty")

    title = '</svg><script>alert("x")</script>\\" & \n]]>'
    drawn = graph(Nasty(text=title), state=tmp_path / "state")
    root = ElementTree.fromstring(drawn.text("svg"))
    assert not list(root.iter(f"{SVG}script"))
    assert "<script>alert" not in drawn.text("html")
    if shutil.which("dot") is None:
        pytest.skip("NO graphviz HERE: whether it understands the dot form was not tried")
    subprocess.run(["dot", "-Tsvg"], input=drawn.text("dot").encode(), check=True, capture_output=True)


@pytest.mark.parametrize(
    "name",
    ["a\x00b", "\x1b[31mred", "\ufffe", "\u202egnp", "a\r\nb", "&lt;b&gt; &amp;", "\\N\\G\"];x", "<" + "y" * 100_000],
    ids=["NUL", "escape", "no character", "direction", "lines", "named", "dot", "long"],
)
def test_no_name_and_no_reason_breaks_any_form(tmp_path: Path, name: str) -> None:
    class Nasty(martlet.Task):
        task_namespace = name

        def output(self) -> martlet.LocalTarget:
            raise ValueError(name)

    drawn = graph(Nasty(), state=tmp_path / "state")
    title = drawn.groups[0].title
    assert title.isprintable() and len(title) <= 2000
    texts = ["".join(part.itertext()) for part in ElementTree.fromstring(drawn.text("svg")).iter(f"{SVG}title")]
    assert texts[1] == title
    assert "\x00" not in drawn.text("html") and "\x1b" not in drawn.text("html") and "\u202e" not in drawn.text("html")
    if shutil.which("dot") is not None:
        made = subprocess.run(["dot", "-Tsvg"], input=drawn.text("dot").encode(), check=True, capture_output=True)
        assert title in ["".join(part.itertext()) for part in ElementTree.fromstring(made.stdout).iter(f"{SVG}text")]


def test_boxes_do_not_overlap_and_lines_go_down() -> None:
    edges = [(0, 1), (0, 2), (0, 3), (1, 4), (2, 4), (3, 5), (0, 5), (4, 6), (5, 6), (0, 6)]
    layout = laid_out([60.0, 80.0, 60.0, 70.0, 60.0, 60.0, 60.0], edges)
    places = layout.places
    for i, one in enumerate(places):
        for other in places[i + 1 :]:
            apart = abs(one.x - other.x) >= WIDTH or one.y + one.height <= other.y or other.y + other.height <= one.y
            assert apart
        assert one.x >= 0 and one.x + WIDTH <= layout.width and one.y + one.height <= layout.height
    for line in layout.lines:
        assert [y for _, y in line] == sorted(y for _, y in line)


def test_the_command(tmp_path: Path) -> None:
    script = tmp_path / "chain.py"
    script.write_text(
        "import martlet\n"
        "class First(martlet.Task):\n"
        "    def output(self): return martlet.LocalTarget('first')\n"
        "    def run(self): self.output().touch()\n"
        "class Second(First):\n"
        "    def requires(self): return First()\n"
        "    def output(self): return martlet.LocalTarget('second')\n"
        "if __name__ == '__main__': martlet.run()\n"
    )

    def call(*words: str, code: int = 0) -> str:
        command = [sys.executable, "-m", "martlet", "graph", *words]
        finished = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert finished.returncode == code, finished.stderr
        return finished.stdout

    assert ElementTree.fromstring(call("chain.py", "Second")).tag == f"{SVG}svg"
    assert call("chain.py", "Second", "--format", "dot").startswith("digraph")
    call("chain.py", "Second", "--output", "chain.html")
    page = (tmp_path / "chain.html").read_text()
    assert "First()" in page and "https:" not in page and 'src="' not in page
    call("chain.py", "Second", "--output", "a:b.dot")
    call("chain.py", "Second", "--format", "dot", "--output", "c:d")
    drawn = call("chain.py", "Second", "--format=dot")
    assert [(tmp_path / name).read_text() for name in ("a:b.dot", "c:d")] == [drawn, drawn]
    call("chain.py", "Second", "--format", "pdf", code=2)
    assert not (tmp_path / "first").exists()

    subprocess.run([sys.executable, "-m", "martlet", "run", "chain.py", "Second"], cwd=tmp_path, check=True)
    assert "changed since" not in call("chain.py", "Second")
    script.write_text(script.read_text().replace("self.output().touch()", "self.output().touch(); print(1)", 1))
    assert call("chain.py", "Second").count("complete, changed since") == 3  # both boxes and the legend
