"""`resume=DIR`: a run that was cut short, and whether it can go on to the end that it would have had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twin.lab.core import build
from twin.lab.errors import UserError
from twin.lab.record.identity import fingerprint
from twin.lab.record.run_directory import CONFIG, refuse_links, versions
from twin.lab.record.saved_run import SavedRun
from twin.lab.running.checkpoint import Checkpoint, newest


@dataclass(frozen=True)
class CutShort:
    """A run to go on with.

    config: its config.yaml. before: its run.json, {} where it ended before there was one. point: its last checkpoint;
    None where it ended before the first, and then begins anew.
    """

    config: dict[str, Any]
    before: dict[str, Any]
    point: Checkpoint | None


def cut_short(path: Path, *, trust: Sequence[str] = ()) -> CutShort:
    """The run in a directory; trust: modules whose classes its config.yaml may name.

    Raises UserError in one line where there is none, or none that can go on.

    A run goes on only under the code, the versions and the kind of device that it began with: under others it would end
    differently. config.yaml is read as any configuration is; the files of checkpoint/ are data and never executed.
    """
    run = SavedRun(path)
    try:
        if path.exists() or path.is_symlink():
            refuse_links(path)
        if not (path / CONFIG).is_file():
            raise ValueError(f"is not a run directory (it has no {CONFIG})")
        config = {"out": None, "json": None, **run.run_config, "trust": list(trust)}
        before = run.facts if run.exists else {}
        if before.get("status") == "finished":
            raise UserError(f"resume = {path}: this run is finished")
        point = newest(path)
    except (OSError, ValueError) as error:
        raise UserError(f"resume = {path}: {error}") from None
    if point is not None:
        _refuse_change(path, before, build.device(config["device"]))
    return CutShort(config, before, point)


def _refuse_change(path: Path, before: dict[str, Any], on: str) -> None:
    now = {"code": fingerprint(), "device": on, **versions()}
    then = {**{name: before.get(name) for name in ("code", "device")}, **(before.get("versions") or {})}
    changed = [f"{name} {then.get(name)}, now {now[name]}" for name in now if now[name] != then.get(name)]
    if changed:
        then_and_now = "; ".join(changed)
        raise UserError(
            f"resume = {path}: it was begun under {then_and_now}: it would not end as it would have; run it anew"
        )
