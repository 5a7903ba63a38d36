"""A run that is to be made: all that a worker needs to know of it, in one line of text."""

from __future__ import annotations

import base64
import json
import os
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml

from twin.lab.record.identity import identity

LOADER = getattr(
    yaml, "CSafeLoader", yaml.SafeLoader
)  # a sweep reads hundreds of them; the one in C is 8 times as fast


@dataclass(frozen=True)
class RunRequest:
    """text: the config.yaml of the run. hash: its identity. path: its directory. label: what a person calls it.

    about: what else its run.json is to tell (experiment, arm). folder: the working directory that relative paths in
    `path` and in the configuration start from.
    """

    text: str
    hash: str
    path: str
    label: str
    about: Mapping[str, str] = field(default_factory=dict)
    folder: str = field(default_factory=os.getcwd)

    @property
    def config(self) -> dict[str, Any]:
        """The run's configuration, resolved."""
        return parsed(self.text)

    @property
    def place(self) -> Path:
        """Its directory, wherever one is."""
        return Path(self.folder) / self.path

    def encode(self) -> str:
        """As letters, digits, `-`, `_` and `=`, for the way to a worker."""
        return base64.urlsafe_b64encode(zlib.compress(json.dumps(asdict(self)).encode())).decode()

    @classmethod
    def decode(cls, text: str) -> RunRequest:
        """The order that `encode` wrote."""
        return cls(**json.loads(zlib.decompress(base64.urlsafe_b64decode(text))))


def parsed(text: str) -> dict[str, Any]:
    """A config.yaml as a plain configuration. Raises ValueError, or yaml.YAMLError, where it is none."""
    config = yaml.load(text, Loader=LOADER)
    if not isinstance(config, dict):
        raise ValueError("must hold a mapping")
    return config


def resolved(config: Any) -> dict[str, Any]:
    """A composed configuration as a plain one, checked, with `quick` resolved. Raises UserError for what is wrong in it."""
    from omegaconf import OmegaConf

    from twin.lab.core import build

    plain: dict[str, Any] = OmegaConf.to_container(config, resolve=True)  # type: ignore[assignment]
    build.check(plain)
    return build.shortened(plain) if plain["quick"] else plain


def written(plain: Mapping[str, Any]) -> str:
    """What config.yaml holds of a plain configuration."""
    from omegaconf import OmegaConf

    return OmegaConf.to_yaml(OmegaConf.create({k: v for k, v in plain.items() if k not in ("out", "json", "study")}))


def configurations(combinations: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    """The resolved configuration of every combination of overrides. Raises UserError for a mistake in any of them.

    Combinations that differ in `seed=` only are composed once: composing takes a tenth of a second.
    """
    from omegaconf import OmegaConf

    from twin.lab.configure.compose import compose

    composed: dict[tuple[str, ...], Any] = {}
    found = []
    for overrides in combinations:
        seeds = [o for o in overrides if o.startswith("seed=")]
        rest = tuple(o for o in overrides if o not in seeds)
        if rest not in composed:
            composed[rest] = compose("run", rest)
        config = composed[rest].copy()
        if seeds:
            OmegaConf.update(config, "seed", yaml.safe_load(seeds[-1].removeprefix("seed=")))
        found.append(resolved(config))
    return found


def run_request(plain: Mapping[str, Any], path: Path, label: str, **about: str) -> RunRequest:
    """The order of a run with a resolved configuration."""
    return RunRequest(text=written(plain), hash=identity(plain), path=str(path), label=label, about=about)
