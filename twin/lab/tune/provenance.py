"""Where tuned settings are from, small enough to be committed beside them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from optuna.trial import FrozenTrial

from twin.lab.tune.options import DEFAULTS, TuneOptions
from twin.lab.tune.question import TuningQuestion

ASKED = ("trials", "seeds", "first", "fresh", "seed")  # options that the trials rest on, in the order of the help


def provenance(
    question: TuningQuestion,
    overrides: Sequence[str],
    options: TuneOptions,
    best: FrozenTrial,
    rows: Sequence[Mapping[str, Any]],
    gain: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """What a person needs to find the settings again.

    overrides: as typed. rows: of the trials, see twin.lab.tune.table. gain: of the best on fresh seeds, a row or none.
    """
    values = [float(value) for value in best.user_attrs["values"]]
    told: dict[str, Any] = {
        "command": command(overrides, options),
        "figure": question.metric,
        "direction": question.direction,
        "trials": len(rows),
        "given_up": sum(row["state"] == "pruned" for row in rows),
        "runs": sum(len(row["values"]) for row in rows),
        "seeds": [question.seeds[0], question.seeds[-1]],
        "code": question.code,
        "best": {
            "settings": list(question.space.settings(best.params)),
            "mean": sum(values) / len(values),
            "values": values,
        },
    }
    if gain:
        names = ("fresh", "mean", "standing_mean", "difference", "low", "high")
        told["on_fresh_seeds"] = {name: gain[0][name] for name in names}
    return told


def command(overrides: Sequence[str], options: TuneOptions) -> str:
    """The command that makes the same trials, without its files."""
    asked = [f"{name}={getattr(options, name)}" for name in ASKED if getattr(options, name) != DEFAULTS[name]]
    asked += [f"{name}={text}" for name in ("metric", "direction") if (text := getattr(options, name)) is not None]
    asked += [] if options.prune else ["prune=false"]
    return shlex.join(["tandem", "tune", *overrides, *asked])
