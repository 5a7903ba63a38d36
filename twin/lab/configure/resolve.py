"""From composed configurations to plain, checked ones, and from those to the text of config.yaml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from twin.lab.configure.checks import check, shortened
from twin.lab.configure.compose import compose

# Where results go, what the run is a part of, and whom its command trusted: the next command says that anew.
NOT_WRITTEN = ("out", "json", "study", "trust")


def resolved(config: Any) -> dict[str, Any]:
    """A composed configuration as a plain one, checked, with `quick` resolved to a number of days.

    Raises UserError for what is wrong in it.
    """
    from omegaconf import OmegaConf

    plain: dict[str, Any] = OmegaConf.to_container(config, resolve=True)  # type: ignore[assignment]
    plain = check(plain)
    return shortened(plain) if plain["quick"] else plain


def written(plain: Mapping[str, Any]) -> str:
    """What config.yaml holds of a plain configuration."""
    from omegaconf import OmegaConf

    return OmegaConf.to_yaml(OmegaConf.create({key: value for key, value in plain.items() if key not in NOT_WRITTEN}))


def configurations(combinations: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    """The resolved configuration of every combination of overrides. Raises UserError for a mistake in any of them.

    Combinations that differ in `seed=` only are composed once: composing takes a tenth of a second.
    """
    from omegaconf import OmegaConf

    composed: dict[tuple[str, ...], Any] = {}
    plain = []
    for overrides in combinations:
        seeds = [o for o in overrides if o.startswith("seed=")]
        rest = tuple(o for o in overrides if o not in seeds)
        if rest not in composed:
            composed[rest] = compose("run", rest)
        config = composed[rest].copy()
        if seeds:
            OmegaConf.update(config, "seed", yaml.safe_load(seeds[-1].removeprefix("seed=")))
        plain.append(resolved(config))
    return plain
