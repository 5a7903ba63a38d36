"""What the READMEs of the project hold: commands, Python, links."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.conftest import ROOT

READMES = sorted(path for path in ROOT.glob("**/README.md") if not set(path.parts) & {".venv", ".pytest_cache"})
PLACEHOLDERS = ("…", "DIR", "FILE", "FOLDER", "KEY", "KIND", "JOB", "NAME", "RUN")  # what a reader has to fill in


def name(path: Path) -> str:
    """A README's path from the checkout."""
    return path.relative_to(ROOT).as_posix()


def python_blocks(path: Path) -> list[str]:
    """The fenced Python of a README, in order."""
    return re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)


def yaml_blocks(path: Path, heading: str) -> list[str]:
    """The fenced yaml below a heading."""
    text = path.read_text(encoding="utf-8")
    section = text[text.index(f"## {heading}") :]
    return re.findall(r"```yaml\n(.*?)```", section[: section.index("\n## ", 5)], re.DOTALL)


def named_files() -> dict[str, str]:
    """By file name: the blocks of the READMEs that are files which their commands name; of two, the first."""
    found: dict[str, str] = {}
    for path in READMES:
        pattern = r"`(?:[\w/]+/)?(\w+\.(?:py|yaml))`[^\n]*\n\n```(?:python|yaml)\n(.*?)```"
        for file, text in re.findall(pattern, path.read_text(encoding="utf-8"), re.DOTALL):
            found.setdefault(file, text)
    return found


def links(path: Path) -> list[Path]:
    """The files and folders that a README points at, where they are in the checkout."""
    targets = re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8"))
    return [path.parent / target.split("#")[0] for target in targets if "://" not in target and target[0] != "#"]


def commands() -> dict[str, list[str]]:
    """By the text of each `tandem` command of the READMEs: its arguments. Lines that end in a backslash go on."""
    found = {}
    for path in READMES:
        text = re.sub(r"\\\n\s*", "", path.read_text(encoding="utf-8"))
        lines = re.findall(r"^(?: {4}|\$ )?(?:\w+=\S+ )?(?:\./scripts/)?tandem ([^`\n]+)$", text, re.MULTILINE)
        lines += re.findall(r"`(?:\w+=\S+ )?(?:\./scripts/)?tandem ([^`\n]+)`", text)
        for line in lines:
            for part in line.split("; tandem "):
                words = shlex.split(part, comments=True)
                if words:
                    found[" ".join(words)] = words
    return dict(sorted(found.items()))


def is_open(words: list[str]) -> bool:
    """Whether a command has a place that a reader must fill in."""
    return any(re.search(rf"(?<![A-Z_]){mark}(?![A-Z_])", word) for word in words for mark in PLACEHOLDERS)
