"""`tier=NAME`: the size of a surrogate that comes in several, short for surrogate.tier=NAME."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

KEY = "tier="
OPTION = "surrogate.tier"


def spelt_out(overrides: Sequence[str]) -> list[str]:
    """The overrides with tier= as Hydra knows it."""
    return [f"{OPTION}={o.removeprefix(KEY)}" if o.startswith(KEY) else o for o in overrides]


def refusal(overrides: Sequence[str]) -> str:
    """Why the chosen surrogate takes no tier, and which do."""
    chosen = [o.partition("=")[2] for o in overrides if o.startswith("surrogate=")]
    surrogate = f"surrogate = {chosen[-1]}" if chosen else "the default surrogate"
    return f"tier: {surrogate} comes in one size; {' '.join(f'surrogate={name}' for name in tiered())} has tiers"


def tiered() -> list[str]:
    """The choices of surrogate= that have tiers."""
    entries = sorted((files("conf") / "surrogate").iterdir(), key=lambda entry: entry.name)
    names = [e.name.removesuffix(".yaml") for e in entries if e.name.endswith(".yaml")]
    return [name for name in names if "\ntier:" in (files("conf") / "surrogate" / f"{name}.yaml").read_text("utf-8")]
