"""Names that mean something to a browser, a spreadsheet, LaTeX or a terminal stay text in every output."""

from __future__ import annotations

import csv
import io
import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from tests.lab.compare.compared import arms, make_arm
from tests.lab.runs import make_run
from twin.lab.cli import main
from twin.lab.compare.comparison import carry_out
from twin.lab.compare.files import FORMULA, contents
from twin.lab.compare.terms import Terms
from twin.lab.draw.terminal import printable
from twin.lab.draw.text_table import TextTable, latex
from twin.lab.report.closing_table import print_run
from twin.lab.report.report import write_report

SCRIPT = "<script>alert(1)</script>"
PICTURE = '"><img src=x onerror="alert(1)">'
MARKUP = "[bold red]x[/] [link=http://a]y[/link] :skull:"
ESCAPE = "\x1b[31m\x1b]0;title\x07\r\u202e"
FORMULAS = ("=1+cmd|' /C calc'!A0", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1")
NAMES = (*FORMULAS, SCRIPT, PICTURE, r"\input{/etc/passwd}", "50 % of $x_1$", MARKUP, ESCAPE)


class Parts(HTMLParser):
    """The elements of a page, and those attributes of theirs that a browser executes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags, self.active = list[str](), list[str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.active += [f"{name}={value}" for name, value in attrs if name.startswith("on") or "script:" in str(value)]


@pytest.mark.parametrize("name", [SCRIPT, PICTURE, "</svg><script>x</script>", "]]><script>x", "javascript:alert(1)"])
def test_a_report_holds_no_element_of_a_names_making(name: str, tmp_path: Path) -> None:
    own = write_report(make_run(tmp_path / "own", ticks=144)).read_text()
    theirs = write_report(make_run(tmp_path / "theirs", ticks=144, assets=(name, f"{name}2"))).read_text()
    assert set(Parts(theirs).tags) <= set(Parts(own).tags)
    assert Parts(theirs).tags.count("script") == Parts(own).tags.count("script")
    assert [act for act in Parts(theirs).active if "alert" in act and not act.startswith(("aria", "title"))] == []


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a comparison of arms with hostile names leaves, by file."""
    folder = tmp_path_factory.mktemp("arms")
    for number, name in enumerate(NAMES):
        make_arm(folder, str(number), seeds=2, ticks=30, profit=100.0 + number, experiment="mine", arm=name)
    whole = carry_out(arms(folder), Terms(metrics=("profit_per_hour",), baselines=(NAMES[0],)))
    return {file: data.decode() for file, data in contents(whole).items() if not file.endswith(".png")}


def test_no_cell_of_a_sheet_begins_a_formula(compared: dict[str, str]) -> None:
    for file in ("comparison.csv", "values.csv"):
        rows = list(csv.DictReader(io.StringIO(compared[file], newline="")))
        cells = [cell for row in rows for cell in row.values() if cell]
        assert {f"'{name}" for name in FORMULAS if name[0] in "=+-@"} <= set(cells), file
        numbers = [cell for cell in cells if cell.startswith(FORMULA)]
        assert [float(cell) for cell in numbers] == [float(cell) for cell in numbers], "only negative numbers"


def test_a_page_of_a_comparison_holds_no_element_of_a_names_making(compared: dict[str, str]) -> None:
    pages = [text for file, text in compared.items() if file.endswith((".html", ".svg"))]
    assert len(pages) > 1
    for page in pages:
        assert not {"script", "img"} & set(Parts(page).tags)
        assert not [act for act in Parts(page).active if not act.startswith(("aria", "title"))]


def test_latex_and_markdown_hold_no_command_of_a_names_making(compared: dict[str, str]) -> None:
    tex, text = compared["comparison.tex"], compared["comparison.md"]
    assert r"\input" not in tex
    assert r"\textbackslash{}input\{/etc/passwd\}" in tex
    assert "<script" not in text.replace(r"\<", "")
    for each in (tex, text):
        assert "\x1b" not in each
        assert "\r" not in each
    table = TextTable("a}\\input{x", ["b"], [["c\n\\input{x}"]], ["\x1b[2J"])
    assert r"\input" not in table.latex("tab:}\\input{y}\n\\input{z}")
    assert latex("a\nb") == r"a\textbackslash{}nb"


def test_a_terminal_gets_text(compared: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_run(tmp_path / "run", ticks=144)
    print_run(tmp_path / "run", {MARKUP: 1.0, ESCAPE: 2.0}, {}, [ESCAPE + MARKUP])
    table, told = TextTable(MARKUP, [MARKUP], [[MARKUP], [ESCAPE]]), io.StringIO()
    table.terminal(Console(file=told, width=200))
    for said in (capsys.readouterr().out, told.getvalue()):
        assert said.count(MARKUP) >= 2
        assert not [letter for letter in "\x1b\x07\r\u202e" if letter in said]
    assert printable("a\x1b[0m\n\u202e") == r"a\x1b[0m\n\u202e"


def test_runs_and_refusals_are_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    facts = {
        "status": "failed",
        "policy": MARKUP,
        "scenario": ESCAPE,
        "error": f"no {MARKUP}",
        "seed": 1,
        "wall_s": 1.0,
    }
    (tmp_path / "runs/one").mkdir(parents=True)
    (tmp_path / "runs/one/run.json").write_text(json.dumps(facts))
    main(["runs"])
    said = capsys.readouterr().out
    assert said.count(MARKUP) == 2
    assert "\x1b" not in said
    assert "\u202e" not in said
    with pytest.raises(SystemExit):
        main(["run", f"policy={ESCAPE}"])
    said = capsys.readouterr().err
    assert not [letter for letter in "\x1b\x07\u202e" if letter in said]
    assert said.count("\n") == 1
