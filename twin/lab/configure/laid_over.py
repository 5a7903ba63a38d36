"""Options laid over a configuration that is resolved already: another policy on the plant and the luck of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twin.lab.configure.checks import check
from twin.lab.configure.choices import groups
from twin.lab.configure.compose import compose
from twin.lab.configure.trust import refuse_in_file
from twin.lab.errors import UserError


def laid_over(config: Mapping[str, Any], overrides: Sequence[str], where: str) -> dict[str, Any]:
    """The configuration with other choices and settings: `policy=NAME` takes the place of its whole policy.

    config: of a run, resolved. overrides: as a scenario's yaml writes them; a group that they choose is that of conf/
    with what they say of it, any other key is set in the run's own. where: what they are, in an error. Raises UserError
    in one line for an override that cannot be read, is refused, or names a class that the command does not trust.
    """
    from omegaconf import OmegaConf

    refuse_in_file(overrides, config.get("trust", ()), where)
    try:
        parsed = [(_key(override), override) for override in overrides]
        chosen = {key for key, override in parsed if key in groups() and "{" not in override}
        own = [(key, override) for key, override in parsed if key.split(".")[0] not in chosen]
        composed: Any = compose("run", [o for key, o in parsed if key.split(".")[0] in chosen])
        laid = OmegaConf.create({**config, "out": None, "json": None})
        for group in chosen:
            laid[group], laid.choices[group] = composed[group], composed.choices[group]
        for key, override in own:
            OmegaConf.update(laid, key, _value(override), force_add=True)
        plain: dict[str, Any] = OmegaConf.to_container(laid, resolve=True)  # type: ignore[assignment]
        return check(plain)
    except UserError as error:
        raise UserError(f"{where}: {error}") from None


def _key(override: str) -> str:
    return override.partition("=")[0].lstrip("+")


def _value(override: str) -> Any:
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    try:
        return OverridesParser.create().parse_override(override).value()
    except HydraException:
        raise UserError(f"{override!r}: cannot be read as key=value") from None
