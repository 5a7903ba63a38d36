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

from twin.lab.configure.resolve import written
from twin.lab.record.identity import identity
from twin.lab.record.saved_run import parsed


@dataclass(frozen=True)
class RunRequest:
    """A run that a sweep asks a worker to make.

    text: the run's config.yaml.
    hash: the identity of that configuration.
    path: the run's directory, relative to `folder` or absolute.
    label: what messages call the run.
    about: further facts for its run.json (experiment, arm).
    trust: modules whose classes the configuration may name, as the command line said.
    folder: the working directory that relative paths in `path` and in the configuration start from.
    """

    text: str
    hash: str
    path: str
    label: str
    about: Mapping[str, str] = field(default_factory=dict)
    trust: Sequence[str] = ()
    folder: str = field(default_factory=os.getcwd)

    @property
    def config(self) -> dict[str, Any]:
        """The run's configuration, resolved."""
        return parsed(self.text) | {"trust": list(self.trust)}

    @property
    def place(self) -> Path:
        """The run's directory, whatever the working directory is."""
        return Path(self.folder) / self.path

    def encode(self) -> str:
        """The request as letters, digits, `-`, `_` and `=`, for the way to a worker."""
        return base64.urlsafe_b64encode(zlib.compress(json.dumps(asdict(self)).encode())).decode()

    @classmethod
    def decode(cls, text: str) -> RunRequest:
        """The request that `encode` wrote."""
        return cls(**json.loads(zlib.decompress(base64.urlsafe_b64decode(text))))


def run_request(plain: Mapping[str, Any], path: Path, label: str, **about: str) -> RunRequest:
    """The request for a run with a resolved configuration."""
    text, trust = written(plain), plain.get("trust", ())
    return RunRequest(text=text, hash=identity(plain), path=str(path), label=label, about=about, trust=trust)
