"""Completion on the command line, by Hydra: choices of conf/ and every key of the configuration.

At every Tab, Hydra's rule has the shell call `tandem -sc query=bash` with the line so far in COMP_LINE. The job is
completed here; what follows a job that Hydra composes, by Hydra.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Sequence

from twin.lab.errors import UserError

FLAGS = ("--shell-completion", "-sc")
SHELLS = ("bash", "fish", "zsh")
COMPOSED = {"run": "run", "replay": "replay"}  # a job and its yaml in conf/


def complete(arguments: Sequence[str], jobs: Collection[str]) -> None:
    """`install=SHELL`, `uninstall=SHELL`: print a rule for it. `query=SHELL`: what may follow COMP_LINE.

    jobs: names of the jobs that there are. Raises UserError for anything else.
    """
    options = [a for a in arguments if a not in (*FLAGS, *COMPOSED)]
    asked, _, shell = (options or [""])[0].partition("=")
    if len(options) != 1 or asked not in ("install", "uninstall", "query") or shell not in SHELLS:
        raise UserError(f"--shell-completion takes install=SHELL or uninstall=SHELL; shells are {', '.join(SHELLS)}")
    name = "run"
    if asked == "query":
        words = os.environ.get("COMP_LINE", "").split(" ")
        if len(words) < 3:
            print("\n".join(job for job in jobs if job.startswith(words[-1])))
            return
        if words[1] not in COMPOSED:
            return
        name = COMPOSED[words[1]]
        os.environ["COMP_LINE"] = " ".join([words[0], *words[2:]])
    _ask(name, options[0])


def _ask(name: str, what: str) -> None:
    from hydra import initialize_config_module
    from hydra.core.global_hydra import GlobalHydra

    sys.argv = ["tandem"]  # what the rule is for
    with initialize_config_module("conf", version_base="1.3"):
        hydra = GlobalHydra.instance().hydra
        assert hydra
        hydra.shell_completion(config_name=name, overrides=[what])
