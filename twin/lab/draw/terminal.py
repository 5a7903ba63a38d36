"""What is printed on a terminal: names stay text, whatever they hold."""

from __future__ import annotations

import re
from typing import Any

from rich.console import Console
from rich.text import Text

# Characters that move the cursor, colour, end a line or turn the direction of writing.
CONTROLS = r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]"


class TextConsole(Console):
    """rich's console for texts: no markup and no emoji in them, and control characters written out.

    width: of an output that is not a terminal, letters.
    """

    def __init__(self, width: int) -> None:
        super().__init__(width=None if Console().is_terminal else width, markup=False, emoji=False)

    def render_str(self, text: str, **style: Any) -> Text:
        """See rich.console.Console; cells of tables come here too."""
        return super().render_str("\n".join(map(printable, text.split("\n"))), **style)


def printable(text: str) -> str:
    r"""A text in one line, its control characters written out as Python does: an escape is \x1b."""
    return re.sub(CONTROLS, lambda match: match[0].encode("unicode_escape").decode(), text)
