"""Packages that only some jobs need: the command that installs them into the environment in use."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def how_to_install(extra: str) -> str:
    """The command that installs an extra of pyproject.toml: from the checkout, or from the index for a wheel."""
    python, root = sys.executable, ROOT
    if not (root / "pyproject.toml").is_file():
        return f"{shlex.quote(python)} -m pip install 'tandem[{extra}]'"
    here = Path.cwd()
    if here == root:
        python, root = python.removeprefix(f"{here}/"), Path()
    constraints, package = (shlex.quote(str(part)) for part in (root / "constraints.txt", f"{root}[{extra}]"))
    return f"{shlex.quote(python)} -m pip install -c {constraints} -e {package}"
