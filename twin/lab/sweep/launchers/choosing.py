"""From `hydra/launcher=` to a launcher, and the runs through it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from twin.lab.configure.choices import LAUNCHERS, choices
from twin.lab.configure.compose import explained
from twin.lab.configure.renamed_targets import refuse_renamed
from twin.lab.core.build import refusals
from twin.lab.errors import UserError
from twin.lab.extras import how_to_install
from twin.lab.sweep.launchers.base import Tell, arguments, failure
from twin.lab.sweep.launchers.processes import Processes
from twin.lab.sweep.run_request import RunRequest

EXTRAS = {"ray": "ray", "submitit_local": "slurm", "submitit_slurm": "slurm"}


def launcher(overrides: Sequence[str], *, folder: str, threads: int) -> Any:
    """The launcher that `hydra/launcher=` and `hydra.launcher.*=` ask for, set up.

    folder: where Hydra's launchers may leave files (submitit: its logs). threads: of a run. Raises
    UserError in one line for a launcher that there is not, an option that it has not, or one that is not installed.
    """
    from hydra import initialize_config_module
    from hydra.core.global_hydra import GlobalHydra
    from hydra.types import RunMode
    from omegaconf import OmegaConf

    sweep = [*overrides, f"threads={threads}", f"hydra.sweep.dir='{folder}'"]
    choice = ([o.partition("=")[2] for o in overrides if o.startswith("hydra/launcher=")] or ["basic"])[-1]
    _register()
    with explained("run", overrides), initialize_config_module("conf", version_base="1.3"):
        loader = GlobalHydra.instance().config_loader()
        config = loader.load_configuration("run", sweep, run_mode=RunMode.MULTIRUN)
    refuse_renamed(OmegaConf.to_container(config.hydra.launcher), "hydra.launcher.")
    target = str(config.hydra.launcher._target_)
    if target.startswith("hydra"):
        return _of_a_plugin(config, loader, choice)
    if target != f"{Processes.__module__}.{Processes.__qualname__}":
        known = ", ".join(choices("hydra/launcher"))
        raise UserError(f"hydra.launcher._target_ = {target}: is no launcher; hydra/launcher= takes {known}")
    settings: dict[str, Any] = OmegaConf.to_container(config.hydra.launcher, resolve=True)  # type: ignore[assignment]
    del settings["_target_"]
    with refusals("hydra.launcher: "):
        return Processes(**settings)


def _of_a_plugin(config: Any, loader: Any, choice: str) -> Any:
    """A launcher of Hydra's or of a plugin. choice: of `hydra/launcher=`."""
    from hydra._internal.callbacks import Callbacks
    from hydra.core.plugins import Plugins
    from hydra.types import HydraContext

    from twin.lab.sweep.launchers.worker import task

    context = HydraContext(config_loader=loader, callbacks=Callbacks(config))
    try:
        return Plugins.instance().instantiate_launcher(hydra_context=context, task_function=task, config=config)
    except (ImportError, RuntimeError) as error:
        if choice in EXTRAS:
            extra = EXTRAS[choice]
            raise UserError(f"hydra/launcher={choice}: needs the extra {extra!r}: {how_to_install(extra)}") from None
        raise UserError(f"hydra/launcher={choice}: {' '.join(str(error).split())}") from None


def _register() -> None:
    """Put the yamls of conf/launchers in the place of what the plugins have registered under the same names.

    As files of conf/hydra/launcher Hydra would lay them over those of the plugins, and print a warning.
    """
    from hydra.core.config_store import ConfigStore
    from hydra.core.plugins import Plugins
    from omegaconf import OmegaConf

    Plugins.instance()  # which have then registered
    for file in (files("conf") / LAUNCHERS).iterdir():
        if file.name.endswith(".yaml"):
            node = OmegaConf.create(file.read_text(encoding="utf-8"))
            ConfigStore.instance().store(group="hydra/launcher", name=file.name[:-5], node=node, provider="tandem")


def launch(by: Any, requests: Sequence[RunRequest], tell: Tell) -> None:
    """Make the requested runs; Ctrl-C ends those that have begun. tell: called as each of them ends."""
    kind = type(by).__name__
    if kind == "Processes":
        by.launch(requests, tell)
    elif kind == "RayLauncher":
        from twin.lab.sweep.launchers.on_ray import launch as on_ray

        on_ray(by, requests, tell)
    elif kind in ("LocalLauncher", "SlurmLauncher"):
        from twin.lab.sweep.launchers.by_submitit import launch as by_submitit

        by_submitit(by, requests, tell)
    else:
        for number, request in enumerate(requests):
            (result,) = by.launch([arguments(request)], number)
            tell(request, failure(result))
