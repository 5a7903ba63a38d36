"""Code that must not run: a module whose import leaves a file, a pickle and commands that do."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

MARK = "executed"
MODULE = """
from pathlib import Path

Path({mark!r}).write_text("imported")

class Plant:
    def __init__(self, **_):
        Path({mark!r}).write_text("made")

class Policy(Plant):
    pass
"""


class Bomb:
    """Pickles into a call."""

    def __init__(self, call: Any, *arguments: Any) -> None:
        self.call, self.arguments = call, arguments

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self.call, self.arguments


class Trap:
    """A folder in which hostile things lie: `hostile.py`, `bomb.pickle`; what runs leaves a file in it.

    words: what a file's text may hold in braces: MARK, the path of that file; BOMB, that of the pickle.
    """

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.mark = folder, folder / MARK
        (folder / "hostile.py").write_text(MODULE.format(mark=str(self.mark)))
        (folder / "bomb.pickle").write_bytes(pickle.dumps(Bomb(Path(self.mark).touch)))
        patch.syspath_prepend(str(folder))
        patch.chdir(folder)

    def text(self, text: str) -> str:
        """A text with its places filled in."""
        return text.replace("{MARK}", str(self.mark)).replace("{BOMB}", str(self.folder / "bomb.pickle"))

    def assert_quiet(self) -> None:
        """Nothing was executed."""
        assert not self.mark.exists()


def one_line(said: str) -> str:
    """The message of a refusal. It must be one line and no traceback."""
    assert said.startswith("tandem: ")
    assert said.count("\n") == 1, said
    return said
