"""A snapshot's envelope: what it is, of which version, and whether it is whole."""

from __future__ import annotations

import zlib

VERSION = 8  # of what a snapshot holds; those of another version are refused
MAGIC = b"tandem-snapshot\n"


def seal(data: bytes) -> bytes:
    """A snapshot for keeping: magic, version, length, checksum, data."""
    return MAGIC + b"%d %d %d\n" % (VERSION, len(data), zlib.crc32(data)) + data


def unseal(snapshot: bytes) -> bytes:
    """The object that `seal` packed. Raises ValueError for a foreign, truncated or other version's snapshot."""
    if not snapshot.startswith(MAGIC):
        raise ValueError("snapshot: these bytes are not a Tandem snapshot")
    header, _, data = snapshot[len(MAGIC) :].partition(b"\n")
    try:
        version, length, checksum = map(int, header.split())
    except ValueError:
        raise ValueError("snapshot: its header is damaged") from None
    if version != VERSION:
        raise ValueError(f"snapshot: version = {version}: this Tandem reads version {VERSION}")
    if len(data) != length or zlib.crc32(data) != checksum:
        raise ValueError(f"snapshot: truncated or damaged ({len(data)} of {length} bytes)")
    return data
