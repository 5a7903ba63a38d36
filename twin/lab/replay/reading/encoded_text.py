"""The bytes of a file as text."""

from __future__ import annotations

import codecs
import gzip
import re
from pathlib import Path

from twin.lab.replay.numeric_table import DataError

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
NO_TEXT = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook of the old kind"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89HDF", "an HDF5 file"),
    (b"%PDF", "a PDF file"),
)
# Three letters beyond ASCII in a row: no Western word has them, nearly every Asian, Cyrillic or Greek one does.
FOREIGN = re.compile(rb"[\x80-\xff]{3}")
SAMPLE = 1 << 16


def read_text(path: Path, encoding: str | None) -> tuple[str, str]:
    """(text with \\n at the end of lines, its encoding). encoding: None finds it out.

    Raises DataError for what cannot be read, is no text, or is not in the encoding named.
    """
    try:
        raw = path.read_bytes()
        raw = gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw
    except (OSError, EOFError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DataError(f"{path}: cannot be read as a table: {why}") from None
    for mark, kind in NO_TEXT:
        if raw.startswith(mark):
            raise DataError(f"{path.name}: cannot be read as a table: it is {kind}; save it as csv")
    text, encoding = _decoded(path, raw, encoding)
    if "\0" in text:
        raise DataError(f"{path.name}: cannot be read as a table: it holds NUL characters, as binary files do")
    return text.replace("\r\n", "\n").replace("\r", "\n"), encoding


def _decoded(path: Path, raw: bytes, encoding: str | None) -> tuple[str, str]:
    chosen = encoding or _found(path, raw)
    try:
        codec = codecs.lookup(chosen)
        if not codec._is_text_encoding:
            raise LookupError
        return raw.decode(codec.name), codec.name.removesuffix("-sig")
    except LookupError:
        raise DataError(f"encoding = {encoding}: must be a text encoding, such as utf-8, cp1252, utf-16") from None
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path.name}, row {line}: is not in {chosen}; name its encoding with table.encoding="
        ) from None


def _found(path: Path, raw: bytes) -> str:
    """A byte order mark says it; NULs at every second byte are UTF-16; then UTF-8 where it fits."""
    for mark, encoding in MARKS:
        if raw.startswith(mark):
            return encoding
    head = raw[:SAMPLE]
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(head) > 3 and head[start::2].count(0) > 0.4 * len(head) / 2 and not head[1 - start :: 2].count(0):
            return encoding
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return _guessed(path, raw)
    return "utf-8"


def _guessed(path: Path, raw: bytes) -> str:
    """Western European, a byte a letter, unless the letters stand as in no Western word.

    Headers are too short for statistics: charset-normalizer takes `Temp °C` for Big5 and Chinese for Korean.
    """
    if found := FOREIGN.search(raw):
        line = raw.count(b"\n", 0, found.start()) + 1
        raise DataError(
            f"{path.name}, row {line}: is not UTF-8; name its encoding: table.encoding=cp932 (Japanese), gb18030 "
            "(Chinese), cp949 (Korean), cp1251 (Cyrillic), cp1253 (Greek), cp1252 (Western)"
        )
    try:
        raw.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"
