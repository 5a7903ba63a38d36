"""A table of words, written for the terminal, as Markdown, as LaTeX (booktabs) and as HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from twin.lab.draw.terminal import printable

# Characters that LaTeX reads as commands, and signs that a plain LaTeX does not know.
LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "−": "$-$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "×": r"$\times$",
    "±": r"$\pm$",
    "…": r"\ldots{}",
    "<": "$<$",
    ">": "$>$",
    "†": r"\textdagger{}",
    "→": r"$\to$",
    "|": "$|$",
}


@dataclass(frozen=True)
class TextTable:
    """A table of words: names in the first column, figures in the others.

    caption: above. head: names of the columns. rows: [rows][columns] cells. notes: sentences below.
    Raises ValueError for a row that is not as long as the head.
    """

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = field(default=())

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.head):
                raise ValueError(f"rows: {list(row)} has {len(row)} cells; must have {len(self.head)}")

    def terminal(self, console: Console) -> None:
        """Print the table. Where the terminal is too narrow, names are cut short and figures stay whole.

        Names that would be cut to the same text go on in a second line instead.
        """
        widths = [2 + max(map(len, column)) for column in zip(self.head, *self.rows, strict=True)]
        table, room = Table(box=None, header_style="bold", pad_edge=False), max(8, console.width - sum(widths[1:]))
        names = [row[0] for row in self.rows]
        tell_apart = len({name[: room - 1] for name in names}) == len(set(names))
        table.add_column(
            Text(printable(self.head[0])),
            no_wrap=tell_apart,
            overflow="ellipsis" if tell_apart else "fold",
            max_width=room,
        )
        for name in self.head[1:]:
            table.add_column(Text(printable(name)), justify="right", no_wrap=True)
        for row in self.rows:
            table.add_row(*(Text(printable(cell)) for cell in row))
        notes = (Text(printable(note)) for note in self.notes)
        parts: list[Text | Table] = [Text(printable(self.caption), style="bold"), table, *notes]
        console.print(Group(*parts), highlight=False)

    def markdown(self) -> str:
        """A pipe table under its caption."""
        rule = ["---"] + ["---:"] * (len(self.head) - 1)
        lines = ["| " + " | ".join(map(markdown_text, row)) + " |" for row in (self.head, *self.rows)]
        lines.insert(1, "| " + " | ".join(rule) + " |")
        notes = "".join(f"\n{markdown_text(note)}\n" for note in self.notes)
        return f"**{markdown_text(self.caption)}**\n\n" + "\n".join(lines) + f"\n{notes}"

    def latex(self, label: str) -> str:
        """A table of the package booktabs, for \\input. label: for \\ref."""
        rows = ["  " + " & ".join(map(latex, row)) + r" \\" for row in self.rows]
        head = "  " + " & ".join(map(latex, self.head)) + r" \\"
        notes = [r"  \par\smallskip\footnotesize " + " ".join(map(latex, self.notes))] if self.notes else []
        lines = [
            r"\begin{table}",
            r"  \centering",
            rf"  \caption{{{latex(self.caption)}}}",
            rf"  \label{{{re.sub(r'[^A-Za-z0-9_.:-]+', '-', label)}}}",
            rf"  \begin{{tabular}}{{l{'r' * (len(self.head) - 1)}}}",
            r"  \toprule",
            head,
            r"  \midrule",
            *rows,
            r"  \bottomrule",
            r"  \end{tabular}",
            *notes,
            r"\end{table}",
        ]
        return "\n".join(lines) + "\n"

    def html(self) -> str:
        """An HTML table that scrolls within its box on a narrow page."""
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in self.head)
        rows = "".join(
            f'<tr><th scope="row">{escape(row[0])}</th>'
            + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
            + "</tr>"
            for row in self.rows
        )
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        caption = f"<caption>{escape(self.caption)}</caption>"
        table = f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        return f'<div class="scroll">{table}</div>{notes}'


def latex(words: str) -> str:
    """Words with LaTeX's characters escaped; a hyphen before a figure becomes a minus."""
    words = re.sub(r"(?<!\w)-(?=\d)", "−", printable(words))
    return "".join(LATEX.get(letter, letter) for letter in words)


def markdown_text(words: str) -> str:
    """Words with Markdown's characters escaped."""
    return re.sub(r"([|*_`<>\\\[\]])", r"\\\1", printable(words))
