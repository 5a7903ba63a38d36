"""A run's plant and twin: new, or as they were at the checkpoint of a run that is resumed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twin.lab.core import build
from twin.lab.errors import UserError
from twin.lab.running.checkpoint import Checkpoint
from twin.lab.running.resume import CutShort


def built(config: dict[str, Any], resumed: CutShort | None = None) -> tuple[Any, Any, str]:
    """(plant, twin, torch device) of a resolved configuration, as they were at the checkpoint of a resumed run.

    Sets torch's number of threads. Raises UserError for whatever a constructor refuses.
    """
    import torch

    torch.set_num_threads(config["threads"])
    on = build.device(config["device"])
    plant, twin = build.pair(config, on)
    if resumed and resumed.point:
        plant = restored(Path(config["out"]), plant, twin, resumed.point)
    return plant, twin, on


def restored(path: Path, plant: Any, twin: Any, point: Checkpoint) -> Any:
    """The plant of a checkpoint, of the class of `plant`; `twin` takes its own state from it.

    Raises UserError where the checkpoint does not fit them.
    """
    try:
        restored = type(plant).restore(point.plant)
        twin.load(point.twin)
    except (ValueError, KeyError, TypeError, RuntimeError) as error:
        raise UserError(f"resume = {path}: its checkpoint does not fit it: {' '.join(str(error).split())}") from None
    build.connect(restored, twin)
    return restored
