"""Names that a plant's fields refer to, and names that its things may have."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

SHOWN = 12  # names that a message lists


def not_there(what: str, name: object, there: Collection[str]) -> str:
    """What a refusal says of a name that nothing bears. what: as in 'there is no such signal'."""
    close = difflib.get_close_matches(str(name), there, 1)
    hint = f"did you mean {close[0]}? " if close else ""
    rest = f" and {len(there) - SHOWN} more" if len(there) > SHOWN else ""
    return f"there is no such {what}; {hint}there are {', '.join(list(there)[:SHOWN])}{rest}"


def refuse_names(field: str, what: str, names: Iterable[str], taken: Collection[str] = ()) -> None:
    """Raises ValueError for a name that is blank, has a dot, or is in `taken`. field: whose keys they are."""
    for name in names:
        if not name.strip() or name in taken or "." in name or not name.isprintable():
            raise ValueError(f"{field} = {name!r}: must be a name of {what} without a dot that nothing else has")
