"""Runs through Hydra's Ray launcher, by its configuration and its way to a worker.

The launcher's loop gives up all runs when one worker dies, and passes an argument to `ray.init` that is refused when it
connects to a cluster; this one does not. A cluster that was started here ends with the sweep; one that was connected to
is left running.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from twin.lab.errors import UserError
from twin.lab.sweep.launchers.base import Tell, arguments, failure
from twin.lab.sweep.run_request import RunRequest

PATIENCE = 20.0  # s that a run has after Ctrl-C for its checkpoint and its partial report
# Arguments of ray.init that belong to a cluster that it starts.
STARTED = ("num_cpus", "num_gpus", "include_dashboard", "object_store_memory", "resources")
TOKENS = ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH")


def launch(launcher: Any, requests: Sequence[RunRequest], tell: Tell) -> None:
    """Make the requested runs, see choosing.launch. Raises UserError where the cluster cannot be reached."""
    _prepare()
    import ray

    _begin(launcher)
    try:
        busy = {_submit(launcher, number, request): request for number, request in enumerate(requests)}
        try:
            while busy:
                for done in ray.wait(list(busy))[0]:
                    tell(busy.pop(done), _ending(done))
        except BaseException:
            _cancel(list(busy))
            raise
    finally:
        ray.shutdown()


def _prepare() -> None:
    """Set the environment variables that Ray reads when it is imported.

    A token that exists is used, also for a cluster that is connected to. Without RAY_AUTH_MODE Ray 2.60 uses it only
    for a cluster that it starts.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    if any(os.environ.get(name) for name in TOKENS) or (Path.home() / ".ray" / "auth_token").is_file():
        os.environ.setdefault("RAY_AUTH_MODE", "token")


def _begin(launcher: Any) -> None:
    import ray
    from omegaconf import OmegaConf

    options: dict[str, Any] = OmegaConf.to_container(launcher.ray_cfg.init, resolve=True)  # type: ignore[assignment]
    if options.get("address") != "local":
        options = {key: value for key, value in options.items() if key not in STARTED}
    try:
        ray.init(**options)
    except (ConnectionError, ValueError, RuntimeError, ray.exceptions.RayError) as error:
        hint = "" if options.get("address") == "local" else " (a cluster may ask for a token, see tandem run --help)"
        raise UserError(f"hydra.launcher.ray.init: {' '.join(str(error).split())}{hint}") from None


def _submit(launcher: Any, number: int, request: RunRequest) -> Any:
    from hydra.core.singleton import Singleton
    from hydra_plugins.hydra_ray_launcher._launcher_util import launch_job_on_ray
    from omegaconf import open_dict

    config = launcher.hydra_context.config_loader.load_sweep_config(launcher.config, arguments(request))
    with open_dict(config):
        config.hydra.job.id, config.hydra.job.num = f"job_id_for_{number}", number
    remote = launcher.ray_cfg.remote
    return launch_job_on_ray(launcher.hydra_context, remote, config, launcher.task_function, Singleton.get_state())


def _ending(done: Any) -> str | None:
    import ray

    try:
        result = ray.get(done)
    except ray.exceptions.RayError as error:
        return f"its worker was lost: {type(error).__name__}: {str(error).strip().splitlines()[0]}"
    return failure(result)


def _cancel(busy: list[Any]) -> None:
    """Ctrl-C for every run: each ends between two ticks."""
    import ray

    for job in busy:
        ray.cancel(job)
    if busy:
        ray.wait(busy, num_returns=len(busy), timeout=PATIENCE)
