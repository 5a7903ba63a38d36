"""The built wheel, outside the checkout: the same commands, with the configuration inside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT, Tandem

OFFLINE = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's packages; what they need comes from this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(build, cwd=folder, env=OFFLINE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder / "site"), str(wheel)]
    done = subprocess.run(pip, cwd=folder, env=OFFLINE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def from_wheel(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The console command, with the wheel's packages and never the checkout's."""
    code = (
        f"import sys; sys.path[:] = [{str(installed / 'site')!r}, *(p for p in sys.path if p != {str(ROOT)!r})]\n"
        f"import twin; assert twin.__file__.startswith({str(installed)!r}), twin.__file__\n"
        "from twin.lab.cli import main; main()"
    )
    command = [sys.executable, "-P", "-c", code, *arguments]
    environment = {**OFFLINE, "PYTHONPATH": ""}
    return subprocess.run(
        command, cwd=installed, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_it_holds_what_it_should(installed: Path) -> None:
    (wheel,) = installed.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    wanted = [p.relative_to(ROOT) for package in ("sim", "twin", "conf") for p in (ROOT / package).rglob("*")]
    for path in wanted:
        if path.suffix in (".py", ".yaml") or path.name == "py.typed":
            assert str(path) in names
    assert not [name for name in names if name.startswith(("tests", "scripts", "runs"))]
    assert any(name.endswith("LICENSE") for name in names)
    assert (installed / "site" / "bin" / "tandem").is_file()


def test_it_lists_the_same(installed: Path, tandem: Tandem) -> None:
    done = from_wheel(installed, "list")
    assert done.returncode == 0, done.stderr
    assert done.stdout == tandem("list").stdout


def test_it_runs(installed: Path) -> None:
    done = from_wheel(installed, "run", "quick=true", "plant=line_small", "surrogate=ewma", "days=0.1", "out=run")
    assert done.returncode == 0, done.stderr
    assert "profit_per_hour" in done.stdout
    assert json.loads((installed / "run" / "run.json").read_text())["status"] == "finished"
    assert (installed / "run" / "report.html").is_file()
