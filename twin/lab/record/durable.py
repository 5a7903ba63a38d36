"""Files that are there whole or not at all, whatever ends the process or the machine meanwhile."""

from __future__ import annotations

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Have the disk keep a file, or a directory's list of names."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, data: bytes) -> None:
    """Write aside, then rename: a reader finds the old or the new, never half of it.

    The name aside is the process's own, so that two writers do not meet.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_bytes(data)
    sync(aside)
    os.replace(aside, path)
    sync(path.parent)


def write_atomically(path: Path, text: str) -> None:
    """`write_whole` of text."""
    write_whole(path, text.encode("utf-8"))


def left_behind(path: Path, names: tuple[str, ...]) -> list[Path]:
    """What a killed `write_whole` of one of `names` left aside in a directory."""
    return [
        entry for name in names for entry in path.glob(f".{name}.*") if entry.name.removeprefix(f".{name}.").isdigit()
    ]
