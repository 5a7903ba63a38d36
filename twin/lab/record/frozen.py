"""conf/frozen.yaml: what was fixed before anything was improved on it, and how often its test seeds were scored.

Test seeds are derived from the commit at which line, policies and references were frozen, so that nobody could have
chosen anything on them before. What is read off them afterwards is counted: whoever looks often enough finds something.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from twin.lab.draw.words import counted
from twin.lab.record.durable import write_atomically
from twin.lab.record.identity import ROOT

FILE = ROOT / "conf" / "frozen.yaml"
LOWEST, DIGITS = 10_000, 7  # tuning and trying out have seeds below LOWEST
MOST = 100_000  # test seeds there are, at most
FLOW: dict[str, Any] = {"default_flow_style": None}  # an entry a line
UNFROZEN = 5_000  # the first seed where nothing is frozen: not that of a test
HEAD = """\
# Fixed before anything was improved on it, and how often its test seeds were scored.
# scripts/freeze.py writes commit, files and figures; tests/test_frozen.py holds what they say.
# The first test seed is 10000 + the first seven hexadecimal digits of the frozen commit. Nothing is chosen on test
# seeds: tuning has its own. `tandem compare` adds an entry to `scored` where a study is read off them.
"""


@dataclass(frozen=True, slots=True)
class SeedsScored:
    """A study read off test seeds first to last, made by code of this fingerprint."""

    study: str
    first: int
    last: int
    code: str


@dataclass(frozen=True, slots=True)
class Frozen:
    """The record.

    commit: that was frozen, 40 hexadecimal digits; None where nothing is. files: SHA-256 of each frozen file by its
    path in the checkout. figures: what short runs under some overrides come to. scored: in the order of the looks.
    """

    commit: str | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, float] = field(default_factory=dict)
    scored: Sequence[SeedsScored] = ()

    @property
    def first_seed(self) -> int:
        """The first test seed; UNFROZEN where nothing is frozen."""
        return first_seed(self.commit) if self.commit else UNFROZEN

    def are_test_seeds(self, seeds: Sequence[int]) -> bool:
        """Whether any of some seeds is a test seed."""
        return self.commit is not None and any(self.first_seed <= s < self.first_seed + MOST for s in seeds)

    def changed(self, root: Path = ROOT) -> list[str]:
        """Frozen files that are no longer what they were."""
        return [path for path, digest in self.files.items() if sha256(root / path) != digest]

    def looks(self, seeds: Sequence[int], study: str | None = None) -> int:
        """How often any of some seeds were scored, by one study or by all."""
        here = [s for s in self.scored if s.first <= max(seeds) and s.last >= min(seeds)]
        return sum(study is None or s.study == study for s in here)

    def counted(self, look: SeedsScored) -> Frozen:
        """With one more look; the same study on the same seeds by the same code tells nothing new and is no more."""
        return self if look in self.scored else replace(self, scored=[*self.scored, look])

    def text(self) -> str:
        """As the file holds it."""
        held = {"commit": self.commit, "files": dict(self.files), "figures": dict(self.figures)}
        looks = {"scored": [asdict(look) for look in self.scored]}
        style: dict[str, Any] = {"sort_keys": False, "width": 120}
        text = yaml.safe_dump(held, default_flow_style=False, **style) + yaml.safe_dump(looks, **style, **FLOW)
        return HEAD + str(text)


def first_seed(commit: str) -> int:
    """The first test seed of a frozen commit. Raises ValueError where it is no commit's hash."""
    return LOWEST + int(commit[:DIGITS], 16)


def sha256(path: Path) -> str:
    """Of a file's bytes; empty for none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def frozen(path: Path = FILE) -> Frozen:
    """The record; an empty one where there is no file."""
    if not path.is_file():
        return Frozen()
    held = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Frozen(
        commit=held["commit"],
        files=held["files"] or {},
        figures=held["figures"] or {},
        scored=[SeedsScored(**look) for look in held["scored"] or []],
    )


def count(study: str, seeds: Sequence[int], code: str, path: Path = FILE) -> list[str]:
    """Count that a study was read off test seeds, in the record's file; returns what to tell: nothing for other seeds.

    Where the file cannot be written, a line says what to add.
    """
    record = frozen(path)
    if record.commit is None and min(seeds) == UNFROZEN:
        return [f"nothing is frozen yet: seeds {min(seeds)} to {max(seeds)} are no test seeds"]
    if not record.are_test_seeds(seeds):
        return []
    look = SeedsScored(study, min(seeds), max(seeds), code)
    after = record.counted(look)
    lines = [
        f"test seeds {look.first} to {look.last}, derived from frozen commit {str(record.commit)[:12]}: scored "
        f"{counted(after.looks(seeds, study), 'time')} by this study, {counted(after.looks(seeds), 'time')} by all"
    ]
    if changed := record.changed():
        lines.append(f"NOT as frozen: {', '.join(changed)}")
    if after is not record:
        try:
            write_atomically(path, after.text())
        except OSError as error:
            lines.append(f"add to scored in {path.name}, which cannot be written ({error.strerror}): {asdict(look)}")
        else:
            lines.append(f"counted in conf/{path.name}; commit it with the result")
    return lines
