"""Numbers that a bench is given as text, and tables that it prints."""

from __future__ import annotations

from typing import Any

from twin.lab.errors import UserError


def show(table: Any) -> None:
    """Print a rich table, figures to the right."""
    from rich.console import Console

    for column in table.columns[1:]:
        column.justify = "right"
    Console(width=None if Console().is_terminal else 110).print(table)


def number(field: str, text: str) -> float:
    """Raises UserError naming field, value, what is allowed."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < 1e12:
        raise UserError(f"{field} = {text}: must be a number > 0")
    return value


def whole(field: str, text: str, low: int = 1, high: int = 5000) -> int:
    """Raises UserError naming field, value, what is allowed."""
    if not text.isdigit() or not low <= int(text) <= high:
        raise UserError(f"{field} = {text}: must be a whole number from {low} to {high}")
    return int(text)
