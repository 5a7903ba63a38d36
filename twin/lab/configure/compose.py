"""From key=value arguments to a plain configuration, with errors that a person can act on."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

from twin.lab.configure import tier_option as tiers
from twin.lab.configure.choices import LAUNCHERS, choices
from twin.lab.configure.own_class import named_by_class, with_own_classes
from twin.lab.configure.plant_file import own_choice, with_plant_file
from twin.lab.configure.trust import split_trust, trust_option
from twin.lab.errors import UserError


def compose(name: str, overrides: Sequence[str]) -> Any:
    """The DictConfig of conf/NAME.yaml under overrides, with `choices`: which yaml was taken of each group.

    Raises UserError in one line for anything wrong.
    """
    from hydra import initialize_config_module

    _refuse_others(name, overrides)
    overrides, trust = split_trust(tiers.spelt_out(overrides))
    with (
        explained(name, overrides),
        with_plant_file(overrides, plant_target, trust) as with_plant,
        with_own_classes(with_plant) as replaced,
        initialize_config_module("conf", version_base="1.3"),
    ):
        config = with_choices(_merged(name, replaced))
        return trusting(named_by_class(own_choice(config, overrides), overrides), trust)


def _merged(name: str, overrides: Sequence[str]) -> Any:
    """Hydra's configuration; a mapping given for a list, or a list for a mapping, takes its place."""
    from hydra import compose as hydra_compose
    from hydra.errors import ConfigCompositionException

    try:
        return hydra_compose(name, overrides=list(overrides), return_hydra_config=True)
    except ConfigCompositionException as error:
        unmerged = re.match(r"Error merging override ([\w.]+)=[{\[]", str(error))
        if unmerged is None or f"{unmerged[1]}=null" in overrides:
            raise
        at = next((i for i, override in enumerate(overrides) if override.startswith(f"{unmerged[1]}=")), len(overrides))
        return _merged(name, [*overrides[:at], f"{unmerged[1]}=null", *overrides[at:]])


def _refuse_others(name: str, overrides: Sequence[str]) -> None:
    for override in overrides:
        if not re.match(r"\+{0,2}[\w./@-]+=|~[\w./@-]+", override) or override.startswith("-"):
            raise UserError(f"{override!r}: options are given as key=value; options are {', '.join(_top(name))}")


@contextmanager
def explained(name: str, overrides: Sequence[str]) -> Iterator[None]:
    """What Hydra finds wrong becomes a UserError of one line."""
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    try:
        yield
    except (HydraException, OmegaConfBaseException, ValueError) as error:
        raise UserError(explain(name, overrides, error)) from None


def combinations(overrides: Sequence[str]) -> list[list[str]]:
    """Every combination of a sweep's overrides (policy=a,b seed=range(3)), in the order of Hydra's basic sweeper.

    Each trusts what any of them names.
    """
    from hydra import initialize_config_module
    from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
    from hydra.core.global_hydra import GlobalHydra
    from hydra.core.override_parser.overrides_parser import OverridesParser

    _refuse_others("run", overrides)
    overrides, trust = split_trust(tiers.spelt_out(overrides))
    with explained("run", overrides), initialize_config_module("conf", version_base="1.3"):
        parser = OverridesParser.create(config_loader=GlobalHydra.instance().config_loader())
        (batch,) = BasicSweeper.split_arguments(parser.parse_overrides(list(overrides)), None)
    trust = sorted({*trust, *(module for each in batch for module in split_trust(each)[1])})
    return [[*each, *trust_option(trust)] for each in batch]


def trusting(config: Any, modules: Sequence[str]) -> Any:
    """The composed configuration with `trust`, whatever its files say of it."""
    from omegaconf import open_dict

    with open_dict(config):
        config.trust = list(modules)
    return config


def plant_target(overrides: Sequence[str]) -> str:
    """The class of the plant that a run under these overrides would have."""
    return str(compose("run", overrides).plant._target_)


def with_choices(config: Any, hydra: Any = None) -> Any:
    """The configuration without Hydra's node, with `choices`. hydra: that node, where `config` has none of its own."""
    from omegaconf import OmegaConf, open_dict

    chosen = {
        str(group).split("/")[-1]: choice
        for group, choice in (config.hydra if hydra is None else hydra).runtime.choices.items()
        if not str(group).startswith("hydra/") and choice not in (None, "null")
    }
    config = OmegaConf.masked_copy(config, [key for key in config if key != "hydra"])
    with open_dict(config):
        config.choices = chosen
    return config


def explain(name: str, overrides: Sequence[str], error: Exception) -> str:
    """One line for a configuration error: what was wrong, what there is."""
    from hydra.errors import OverrideParseException

    text = str(error)
    if isinstance(error, OverrideParseException):
        return f"{error.override!r}: cannot be read as key=value; put a value with special characters in quotes"
    missing = re.search(r"[Cc]ould not (?:find|load) '([^']+)/([^'/]+)'", text)
    if missing:
        group, choice = missing.groups()
        return f"{group} = {choice}: there is no such {group}; there are {', '.join(choices(group))}"
    unknown = re.search(r"Could not override '([^']+)'", text) or re.search(r"Key '([^']+)' is not in struct", text)
    if unknown:
        return _no_such_option(name, overrides, unknown.group(1))
    return text.splitlines()[0] if text else type(error).__name__


def _no_such_option(name: str, overrides: Sequence[str], key: str) -> str:
    if key == tiers.OPTION:
        return tiers.refusal(overrides)
    if key.startswith("hydra."):
        options = _launcher_options(overrides)
    else:
        options = keys(name, [o for o in overrides if not o.lstrip("+~").startswith(key)])
    close = difflib.get_close_matches(key, options, 3, 0.6)
    hint = f"did you mean {' or '.join(close)}? " if close else ""
    parent = key.rpartition(".")[0]
    while parent and not any(option.startswith(f"{parent}.") for option in options):
        parent = parent.rpartition(".")[0]
    under = f"{parent}." if parent else ""
    here = [o for o in options if re.fullmatch(rf"{re.escape(under)}[^_.][^.]*", o)]
    return f"{key}: there is no such option; {hint}options are {', '.join(here) or 'none'}"


def _launcher_options(overrides: Sequence[str]) -> list[str]:
    """What may follow hydra.launcher. under the launcher that the overrides choose, dotted."""
    from omegaconf import OmegaConf

    chosen = [o.partition("=")[2] for o in overrides if o.startswith("hydra/launcher=")]
    if not chosen or chosen[-1] not in choices("hydra/launcher")[1:]:
        return []
    text = (files("conf") / LAUNCHERS / f"{chosen[-1]}.yaml").read_text(encoding="utf-8")
    return sorted(_walk(OmegaConf.to_container(OmegaConf.create(text)), "hydra.launcher."))


def _top(name: str) -> list[str]:
    return [option for option in keys(name) if "." not in option]


def keys(name: str, overrides: Sequence[str] = ()) -> list[str]:
    """Every key of the composed configuration, dotted."""
    from omegaconf import OmegaConf

    try:
        config = OmegaConf.to_container(compose(name, overrides), resolve=False)
    except UserError:
        if not overrides:
            raise
        return keys(name)
    return sorted(
        {*_walk(config, ""), *(("scenario", "experiment", "plant.file", "tier") if name == "run" else ())}
        - {"choices", "study"}
    )


def _walk(node: Any, prefix: str) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield f"{prefix}{key}"
            yield from _walk(value, f"{prefix}{key}.")
