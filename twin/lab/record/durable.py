"""Files that are written whole or not at all, whatever ends the process or the machine meanwhile."""

from __future__ import annotations

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Flush a file, or a directory's list of names, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under another name, then rename it: a reader finds the old content or the new, never a part.

    The other name holds the process's number, so that two writers do not meet.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_bytes(data)
        sync(aside)
        os.replace(aside, path)
    except OSError:  # on a full disk the rest needs the room
        aside.unlink(missing_ok=True)
        raise
    sync(path.parent)


def write_atomically(path: Path, text: str) -> None:
    """`write_whole` of text."""
    write_whole(path, text.encode("utf-8"))


def left_behind(path: Path, names: tuple[str, ...]) -> list[Path]:
    """The temporary files that a killed `write_whole` of one of `names` left in a directory."""
    return [
        entry for name in names for entry in path.glob(f".{name}.*") if entry.name.removeprefix(f".{name}.").isdigit()
    ]
