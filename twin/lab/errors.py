"""The errors that every job reports in one line, without a traceback."""

from __future__ import annotations

import errno

# What a disk, not the code, is to blame for: full, over quota or a file's limit, failing, read-only.
OF_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)


class UserError(Exception):
    """A mistake in what was asked for; its message is one clear line."""


class StorageError(Exception):
    """A file could not be written or read though nothing is wrong with what was asked for; one clear line."""


def of_disk(error: BaseException) -> bool:
    """Whether the disk is to blame for an error."""
    return isinstance(error, OSError) and error.errno in OF_DISK


def cause(error: OSError) -> str:
    """The system's words for an error, without its number and the file's name."""
    return error.strerror if error.strerror and "\n" not in error.strerror else " ".join(str(error).split())
