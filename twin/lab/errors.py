"""What a person did wrong, told in one line."""

from __future__ import annotations


class UserError(Exception):
    """A mistake in what was asked for; its message is one clear line."""
