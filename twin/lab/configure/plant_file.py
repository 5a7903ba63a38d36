"""`plant.file=FILE.yaml`: a user's plant, one yaml with the fields of conf/plant/*.yaml.

It takes the place of the plant's choice: Hydra finds it in a folder made for it, so that every other `plant.key=value`
is laid over it, and a sweep treats it as any choice.
"""

from __future__ import annotations

import difflib
import inspect
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from twin.lab.arguments import quote_paths
from twin.lab.configure.config_tree import dotted, nodes
from twin.lab.configure.located import located
from twin.lab.configure.renamed_targets import refuse_renamed
from twin.lab.configure.trust import refuse_untrusted
from twin.lab.errors import UserError

KEY = "plant.file="
CHOICE = "from_a_file"  # what the file is called in Hydra's folder
# Arguments that a run passes to every plant; a file need not, and cannot.
FROM_RUN = ("seed", "network")
PLAIN = (type(None), bool, int, float, str, list, tuple, dict)


@contextmanager
def with_plant_file(
    overrides: Sequence[str], target: Callable[[Sequence[str]], Any], trust: Sequence[str]
) -> Iterator[list[str]]:
    """The overrides that make Hydra take the file of `plant.file=`, good within the context; others as they are.

    target: gives the `_target_` of the plant that the file replaces, from the other overrides; asked where the file has
    none. trust: modules whose classes the file may name. Raises UserError in one line that names the file, and in it
    the field, its value and what is allowed.
    """
    file = plant_file(overrides)
    if file is None:
        yield list(overrides)
        return
    rest = [o for o in overrides if not o.startswith(KEY)]
    chosen = [o for o in rest if o.startswith("plant=")]
    if chosen:
        raise UserError(f"{KEY}{file} takes the place of {chosen[0]}: give one of them")
    plant = _read(file)
    refuse_renamed(plant, f"{KEY}{file}: ")
    _refuse_resolvers(file, plant)
    refuse_untrusted(plant, trust, f"{KEY}{file}: ", ("plant",))
    plant.setdefault("_target_", target([o for o in rest if not o.lstrip("+~").startswith("plant.")]))
    filled = _filled(file, plant, trust)
    with tempfile.TemporaryDirectory() as folder:
        _write(filled, Path(folder) / "plant" / f"{CHOICE}.yaml")
        place = quote_paths([f"out=file://{folder}"])[0].removeprefix("out=")
        yield [f"hydra.searchpath=[{place}]", f"plant={CHOICE}", *rest]


def plant_file(overrides: Sequence[str]) -> str | None:
    """The file that `plant.file=` names, None where there is none. Its value may be quoted for Hydra."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    options = [o for o in overrides if o.startswith(KEY)]
    if not options:
        return None
    text = options[-1].removeprefix(KEY)
    try:
        value = OverridesParser.create().parse_override(options[-1]).value()
    except HydraException:
        value = text
    if len(options) > 1 or not text or value is None:
        raise UserError(f"{options[-1]}: must be one yaml file")
    return value.replace("\\${", "${") if isinstance(value, str) else text


def own_choice(config: Any, overrides: Sequence[str]) -> Any:
    """The composed configuration, in whose `choices` the plant is the file by its own name."""
    file = plant_file(overrides)
    if file is not None:
        config.choices.plant = file.replace("${", "\\${")
    return config


def _read(file: str) -> dict[str, Any]:
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError

    try:
        plant = OmegaConf.to_container(OmegaConf.load(file), resolve=False)
    except OSError as error:
        raise UserError(f"{KEY}{file}: cannot be read: {error.strerror or error}") from None
    except (UnicodeDecodeError, YAMLError, OmegaConfBaseException) as error:
        raise UserError(f"{KEY}{file}: is not yaml: {error}") from None
    if not isinstance(plant, dict) or not plant:
        raise UserError(f"{KEY}{file}: must hold a mapping of a plant's fields, see conf/plant")
    if "defaults" in plant:
        raise UserError(f"{KEY}{file}: defaults: a plant's file must be whole; it cannot be laid over other yamls")
    return {str(key): value for key, value in plant.items()}


def _refuse_resolvers(file: str, plant: dict[str, Any]) -> None:
    """Raises UserError for a reference that runs something, as ${oc.env:NAME} does; ${plant.common} only refers."""
    for place, text in nodes(plant):
        if isinstance(text, str) and re.search(r"\$\{.*:", text, re.DOTALL):
            raise UserError(
                f"{KEY}{file}: {dotted(place)} = {text}: must be a value; a plant's file reads nothing else"
            )


def _filled(file: str, plant: dict[str, Any], trust: Sequence[str]) -> dict[str, Any]:
    """The fields of a plant's file with the defaults of its class for those that it leaves out.

    Raises UserError for a field that the class lacks and for one that is missing. What a field holds the class checks.
    """
    kind = located(str(plant["_target_"]), "plant", trust, f"{KEY}{file}: _target_")
    parameters = inspect.signature(kind).parameters
    if any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values()):
        return plant
    fields = {name: p.default for name, p in parameters.items() if name not in FROM_RUN}
    for field in plant:
        if field not in fields and not field.startswith("_"):
            close = difflib.get_close_matches(field, fields, 1)
            hint = f"did you mean {close[0]}? " if close else ""
            raise UserError(f"{KEY}{file}: {field} is no field of it; {hint}fields are {', '.join(fields)}")
    missing = [field for field, default in fields.items() if default is inspect.Parameter.empty and field not in plant]
    if missing:
        raise UserError(f"{KEY}{file}: {missing[0]} is missing; fields are {', '.join(fields)}")
    plain = {name: default for name, default in fields.items() if isinstance(default, PLAIN)}
    return plain | plant


def _write(plant: dict[str, Any], path: Path) -> None:
    from omegaconf import OmegaConf

    path.parent.mkdir()
    OmegaConf.save(OmegaConf.create(plant), path)
