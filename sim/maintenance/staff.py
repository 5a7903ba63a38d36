"""How busy people have been."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Staff(Protocol):
    """People who are with a job or wait for one. Person-seconds, as of the last change or `accrue`."""

    busy_seconds: float
    present_seconds: float

    def accrue(self) -> None:
        """Bring both up to now, what is still going on included."""
        ...


def utilisations(figure: str, staff: Mapping[str, Staff]) -> dict[str, float]:
    """Busy share of the time for which people were there: of all as `figure`, and of each of several groups by name.

    Overtime counts as time there, so that no share exceeds 1; 0 where nobody has been there yet.
    """
    for group in staff.values():
        group.accrue()
    shares = {figure: _share(*staff.values())}
    if len(staff) > 1:
        shares |= {f"{figure}_{name}": _share(group) for name, group in staff.items()}
    return shares


def _share(*groups: Staff) -> float:
    present = sum(group.present_seconds for group in groups)
    return sum(group.busy_seconds for group in groups) / present if present > 0 else 0.0
