"""What the kinds of bench share: their options' values, and how they print a table."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from twin.lab.errors import UserError


def show(table: Any) -> None:
    """Print a rich table, figures to the right."""
    from twin.lab.draw.terminal import TextConsole

    for column in table.columns[1:]:
        column.justify = "right"
    TextConsole(110).print(table)


def one_of(field: str, names: Sequence[str], allowed: Sequence[str]) -> list[str]:
    """The names. Raises UserError for one that is not allowed."""
    for name in names:
        if name not in allowed:
            raise UserError(f"{field} = {name}: must be one of {', '.join(allowed)}")
    return list(names)


def torch_device(options: Mapping[str, str]) -> str:
    """The torch device of option `device`; on the CPU with one thread, as the plant has. Raises UserError."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import torch

    from twin.lab.core import build

    (name,) = one_of("device", [options.get("device", "auto")], ("auto", "cpu", "cuda"))
    torch.set_num_threads(1)
    return build.device(name)


def tiers(options: Mapping[str, str], on: str) -> list[str]:
    """The tiers of option `tiers`; by default all on CUDA, the two smallest elsewhere. Raises UserError."""
    from twin.surrogates.transformer.attention_net import TIERS

    return one_of("tiers", options.get("tiers", ",".join(TIERS) if on == "cuda" else "nano,s").split(","), list(TIERS))
