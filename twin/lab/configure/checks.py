"""A run's configuration checked without a plant: its fields by their models, the paths that it will write to."""

from __future__ import annotations

import difflib
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from twin.lab.configure.choices import choices
from twin.lab.configure.renamed_targets import refuse_renamed
from twin.lab.configure.schema.checked import as_used, checked
from twin.lab.configure.schema.run import RunFields
from twin.lab.configure.trust import refuse_untrusted
from twin.lab.errors import UserError
from twin.lab.extras import how_to_install
from twin.units import DAY

QUICK_TICKS = 144  # of a quick look: a day of ten-minute ticks
DEFAULT_TICK = 600.0  # s, of a plant whose yaml names none
GROUPS = ("plant", "twin", "surrogate", "policy")
NEEDED = ("seed", "days")  # the others have a default, which a run of an older Tandem takes
BESIDE = ("out", "json", "scenario", "choices")  # of the top level, beside the groups and a run's options
MAYBE = ("network", "study", "trust")
IN_PYTHON = "made_in_python"  # marks, in config.yaml, a part that no other process can make


def check(config: dict[str, Any]) -> dict[str, Any]:
    """A composed configuration as it is used: every quantity in its base unit.

    No class in it has an old name, or is one that the command line would have to trust and does not.

    Raises UserError naming the path, its value and what is allowed.
    """
    for group in GROUPS:
        if not config.get(group):
            raise UserError(f"{group}: a run needs one, see tandem list")
        if isinstance(config[group], dict) and config[group].get(IN_PYTHON):
            raise UserError(f"{group} = {config[group]['_target_']}: was made in Python and can only be run from there")
    refuse_renamed(config)
    refuse_untrusted(config, config.get("trust", ()))
    _refuse_keys(config)
    own = {key: value for key, value in config.items() if key in RunFields.model_fields}
    usual = {key: info.default for key, info in RunFields.model_fields.items() if key not in config}
    config = checked(config | usual | as_used(RunFields, own, ""), source_of_plant(config))
    if config.get("tensorboard") and find_spec("tensorboard") is None:
        raise UserError(f"tensorboard = true: needs the extra 'tensorboard': {how_to_install('tensorboard')}")
    for field in ("out", "json"):
        if config[field] is not None:
            writable(field, Path(str(config[field])))
    return config


def _refuse_keys(config: dict[str, Any]) -> None:
    """Raises UserError for a key of the top level that is missing, as in an edited config.yaml, or unknown."""
    for key in (*NEEDED, *BESIDE):
        if key not in config:
            raise UserError(f"{key}: is missing: a run's configuration must have it")
    known = (*RunFields.model_fields, *GROUPS, *BESIDE, *MAYBE)
    for key in config:
        if key not in known:
            close = difflib.get_close_matches(str(key), known, 1)
            hint = f"did you mean {close[0]}? " if close else ""
            raise UserError(f"{key}: there is no such option; {hint}options are {', '.join(known)}")


def source_of_plant(config: dict[str, Any]) -> str:
    """How an error names a plant's file; empty for a plant of conf/."""
    choice = (config.get("choices") or {}).get("plant")
    return "" if choice is None or choice in choices("plant") else f"plant.file={choice}: "


def shortened(config: dict[str, Any]) -> dict[str, Any]:
    """The configuration of a quick look: at most QUICK_TICKS ticks."""
    tick = float(config["plant"].get("tick", DEFAULT_TICK))
    return {**config, "days": min(config["days"], QUICK_TICKS * tick / DAY)}


def writable(field: str, path: Path) -> None:
    """Raises UserError where a path cannot be made: before a long run rather than after it."""
    if field in ("json", "record") and path.is_dir():
        raise UserError(f"{field} = {path}: is a directory")
    base = path.absolute().parent
    while not base.exists():
        base = base.parent
    try:
        with tempfile.TemporaryFile(dir=base):
            pass
    except OSError as error:
        raise UserError(f"{field} = {path}: cannot be written: {error.strerror} ({base})") from None
