"""Checks of a run's configuration that need no plant: its numbers, its switches, the paths that it will write to."""

from __future__ import annotations

import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from twin.lab.arguments import configured_number, configured_switch, configured_whole
from twin.lab.configure.renamed_targets import refuse_renamed
from twin.lab.configure.trust import refuse_untrusted
from twin.lab.errors import UserError
from twin.lab.extras import how_to_install
from twin.units import DAY

QUICK_TICKS = 144  # of a quick look: a day of ten-minute ticks
DEFAULT_TICK = 600.0  # s, of a plant whose yaml names none
HIGHEST = 1e9  # no number of days or seconds reaches it
GROUPS = ("plant", "twin", "surrogate", "policy")
WHOLE = {"seed": 0, "threads": 1}  # field: lowest value
IN_PYTHON = "made_in_python"  # marks, in config.yaml, a part that no other process can make
SWITCHES = ("quick", "report", "tensorboard")


def check(config: dict[str, Any]) -> None:
    """Check the top level of a composed configuration, and the classes that it names: none by an old name, none that
    the command line would have to trust and does not.

    Raises UserError naming the field, its value and what is allowed.
    """
    for group in GROUPS:
        if not config.get(group):
            raise UserError(f"{group}: a run needs one, see tandem list")
        if config[group].get(IN_PYTHON):
            raise UserError(f"{group} = {config[group]['_target_']}: was made in Python and can only be run from there")
    refuse_renamed(config)
    refuse_untrusted(config, config.get("trust", ()))
    for field, low in WHOLE.items():
        configured_whole(field, config[field], low=low)
    for field in ("days", "part", *(() if config["checkpoint"] in (None, 0) else ("checkpoint",))):
        configured_number(field, config[field], below=HIGHEST)
    for field in SWITCHES:
        configured_switch(field, config.get(field, False))
    if config.get("tensorboard") and find_spec("tensorboard") is None:
        raise UserError(f"tensorboard = true: needs the extra 'tensorboard': {how_to_install('tensorboard')}")
    for field in ("out", "json"):
        if config[field] is not None:
            writable(field, Path(str(config[field])))


def shortened(config: dict[str, Any]) -> dict[str, Any]:
    """The configuration of a quick look: at most QUICK_TICKS ticks."""
    tick = float(config["plant"].get("tick", DEFAULT_TICK))
    return {**config, "days": min(config["days"], QUICK_TICKS * tick / DAY)}


def writable(field: str, path: Path) -> None:
    """Raises UserError where a path cannot be made: before a long run rather than after it."""
    if field == "json" and path.is_dir():
        raise UserError(f"{field} = {path}: is a directory")
    base = path.absolute().parent
    while not base.exists():
        base = base.parent
    try:
        with tempfile.TemporaryFile(dir=base):
            pass
    except OSError as error:
        raise UserError(f"{field} = {path}: cannot be written: {error.strerror} ({base})") from None
