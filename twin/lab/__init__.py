"""The laboratory: the one place that knows both sides. Runs, records, scores and compares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from twin.lab.record.loading import load

__all__ = ["load"]


def __getattr__(name: str) -> Any:
    """`twin.lab.load`, imported only when it is asked for: it needs pandas."""
    if name == "load":
        from twin.lab.record.loading import load

        return load
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
