"""One table, four ways to write it."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from twin.lab.draw.text_table import TextTable, latex

GRID = TextTable(
    "profit_per_hour, minus lazy & co",
    ["arm", "difference", "interval"],
    [["a_policy_with_quite_a_long_name", "-12.5", "-13 … -12"], ["wise|<b>", "50 %", "≥ 3"]],
    ["Paired by seed.", "p < 0.05"],
)


def printed(width: int) -> str:
    out = io.StringIO()
    GRID.terminal(Console(file=out, width=width))
    return out.getvalue()


def test_the_terminal_shows_all() -> None:
    told = printed(110)
    for word in (GRID.caption, *GRID.head, *(cell for row in GRID.rows for cell in row), *GRID.notes):
        assert word in told


def test_where_it_is_narrow_names_are_cut_and_figures_are_not() -> None:
    told = printed(48)
    assert "a_policy_with_quite_a_long_name" not in told
    for word in ("a_policy", "-12.5", "-13 … -12", "50 %", "difference", "interval"):
        assert word in told
    assert max(map(len, told.splitlines())) <= 48


def test_markdown_has_a_cell_for_each_column() -> None:
    lines = [line for line in GRID.markdown().splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {4}
    assert r"wise\|\<b\>" in lines[-1]
    assert lines[1] == "| --- | ---: | ---: |"
    assert GRID.markdown().startswith(r"**profit\_per\_hour, minus lazy & co**")


def test_latex_is_a_booktabs_table_of_letters_that_any_latex_knows() -> None:
    text = GRID.latex("tab:one")
    assert text.isascii()
    for rule in (r"\toprule", r"\midrule", r"\bottomrule", r"\begin{tabular}{lrr}", r"\label{tab:one}"):
        assert text.count(rule) == 1
    rows = [line for line in text.splitlines() if line.endswith(r" \\")]
    assert {len(re.findall(r"(?<!\\)&", row)) for row in rows} == {2}
    assert len(rows) == 3
    plain = text.replace(r"\{", "").replace(r"\}", "")
    assert plain.count("{") == plain.count("}")
    assert re.findall(r"(?<!\\)[_%#]", text) == []
    assert text.count("$") % 2 == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("a_b & 5 %", r"a\_b \& 5 \%"),
        ("-1.5 … -1", r"$-$1.5 \ldots{} $-$1"),
        ("mean-field", "mean-field"),
        ("{x}\\", r"\{x\}\textbackslash{}"),
        ("x − y", "x $-$ y"),
        ("< 0.0001", "$<$ 0.0001"),
    ],
)
def test_latex_reads_as_words_do(words: str, told: str) -> None:
    assert latex(words) == told


def test_html_escapes_and_heads_its_rows() -> None:
    text = GRID.html()
    assert "wise|&lt;b&gt;" in text
    assert "<b>" not in text
    assert text.count("<tr>") == 3
    assert text.count('scope="row"') == 2
    assert "<caption>profit_per_hour, minus lazy &amp; co</caption>" in text


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="has 1 cells; must have 2"):
        TextTable("x", ["a", "b"], [["1"]])
