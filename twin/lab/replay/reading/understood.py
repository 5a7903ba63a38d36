"""How a file was read, as a small table for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text


def print_understood(rows: Sequence[tuple[str, str]], title: str) -> None:
    """Print (what, how it was read) rows on the error stream; names are text, never markup."""
    console = Console(stderr=True, width=None if Console(stderr=True).is_terminal else 110)
    table = Table(box=None, show_header=False, title=Text(title), title_justify="left", title_style="bold")
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for what, how in rows:
        table.add_row(Text(what), Text(how))
    console.print(table)
