"""The error that every job reports in one line, without a traceback."""

from __future__ import annotations


class UserError(Exception):
    """A mistake in what was asked for; its message is one clear line."""
