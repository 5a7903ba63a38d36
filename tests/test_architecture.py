"""The import rules and the one border, proved from the syntax tree."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import networkx
import pytest

from tests.layout import FACES, FLOOR, ROOT, arrows, imports, room

LAB = ROOT / "twin" / "lab"
SIM = sorted((ROOT / "sim").rglob("*.py"))
LABS = sorted(LAB.rglob("*.py"))
JOBS = sorted(path for path in (LAB / "jobs").glob("*.py") if path.stem != "__init__")
CORE = sorted(path for path in (ROOT / "twin").rglob("*.py") if LAB not in path.parents)
LINES = 300  # of a file
SKIPS = 20  # fewer places than this are kept from the formatter
PRIVILEGED = {"truth", "journal"}
KINDS = {"energy"}  # a scenario's name that is also what a signal measures


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_imports_run_one_way() -> None:
    """From each room only to rooms on floors below it, imports under TYPE_CHECKING included."""
    between = {(a, b) for a, b in arrows() if a not in FACES and b not in FACES and room(a) != room(b)}
    assert {(a, b) for a, b in between if FLOOR[room(a)] <= FLOOR[room(b)]} == set()


def test_no_files_import_each_other_in_a_circle() -> None:
    graph = networkx.DiGraph([(a, b) for a, b in arrows() if a not in FACES])
    assert [sorted(c) for c in networkx.strongly_connected_components(graph) if len(c) > 1] == []


def test_few_files_lie_outside_the_rooms_of_the_lab() -> None:
    assert len([path for path in LABS if path.parent == LAB]) <= 8


@pytest.mark.parametrize("path", SIM, ids=name)
def test_the_physical_side_imports_only_simpy_numpy_and_scipy(path: Path) -> None:
    allowed = {"sim", "simpy", "numpy", "scipy", *sys.stdlib_module_names}
    assert {module.split(".")[0] for module in imports(path)} <= allowed


@pytest.mark.parametrize("path", CORE, ids=name)
def test_the_twin_knows_of_the_plant_only_the_contract(path: Path) -> None:
    for module in imports(path):
        top = module.split(".")[0]
        assert top in {"sim", "twin", "numpy", "scipy", "torch", "safetensors", "river", *sys.stdlib_module_names}, (
            module
        )
        if top == "sim":
            assert module == "sim.contract" or module.startswith("sim.contract."), module
        assert not module.startswith("twin.lab"), module


def names(path: Path) -> set[str]:
    """Attributes that a file reaches for, and names that it passes to getattr and its kin."""
    found = {node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and "attr" in node.func.id:
            found |= {arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)}
    return found


@pytest.mark.parametrize("path", CORE, ids=name)
def test_only_the_lab_reads_hidden_state(path: Path) -> None:
    calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    called = {node.func.attr for node in calls if isinstance(node.func, ast.Attribute)}
    assert not called & PRIVILEGED
    assert not names(path) & {"journal", "fork", "snapshot"}


def test_a_reference_that_reads_hidden_state_says_so() -> None:
    """What the lab hands a plant's truth to is named privileged, in its file, its class and its yaml."""
    takers = [
        path
        for path in LABS
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and "_truth" in node.attr
    ]
    assert takers
    assert all("privileged" in path.parts for path in takers)
    for path in (ROOT / "conf" / "policy").glob("*.yaml"):
        if "twin.lab" in path.read_text(encoding="utf-8"):
            assert path.name.startswith("privileged")
    for path in (ROOT / "conf" / "surrogate").glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        assert "twin.lab" not in text or "_target_: twin.lab.core.privileged." in text


OF_PLANTS = {LAB / "bench", LAB / "validate", LAB / "configure" / "schema" / "plants"}


def scenario_words() -> set[str]:
    """Names of scenarios, and of the plant files' classes and modules."""
    words = {path.stem for path in (ROOT / "conf" / "scenario").glob("*.yaml")}
    words |= {path.stem for path in (ROOT / "sim" / "plants").glob("*.py") if path.stem != "__init__"}
    return words - KINDS


@pytest.mark.parametrize("path", [p for p in (*CORE, *LABS) if not OF_PLANTS & {*p.parents}], ids=name)
def test_nothing_in_the_twin_names_a_scenario(path: Path) -> None:
    """But the lab's cases, which are plants with known answers, and the models of what a plant's yaml holds."""
    text = path.read_text(encoding="utf-8").lower()
    assert not [word for word in scenario_words() if word in text]


JOB_ROOMS: dict[str, set[str]] = {  # rooms of their own; below them lie those that every job may use
    "run": {"running", "sweep"},
    "report": {"report"},
    "replay": {"replay"},
    "compare": {"compare"},
    "tune": {"tune"},
    "validate": {"validate"},
    "bench": {"bench"},
    "list": set(),
    "runs": set(),
}
SHARED = {"arguments", "errors", "extras", "workers", "statistics", "draw", "record", "configure", "core"}
JOB_LINES = 80  # of a job file, its help apart


@pytest.mark.parametrize("path", JOBS, ids=name)
def test_a_job_is_its_help_and_main_over_its_own_room(path: Path) -> None:
    """It imports its own room and those that all jobs share; what it does lies in its room."""
    rooms = {module.split(".")[2] for module in imports(path) if module.startswith("twin.lab.")}
    assert rooms <= JOB_ROOMS.get(path.stem, {path.stem}) | SHARED
    docstring = tree(path).body[0]
    length = len(path.read_text(encoding="utf-8").splitlines())
    assert length - (docstring.end_lineno or 0) <= JOB_LINES


@pytest.mark.parametrize("module", ["sim", "twin", "twin.lab", "twin.lab.cli", "conf"])
def test_the_packages_import_nothing_heavy(module: str) -> None:
    path = ROOT / (module.replace(".", "/") + ".py")
    path = path if path.exists() else ROOT / module.replace(".", "/") / "__init__.py"
    top = [node for node in tree(path).body if isinstance(node, ast.Import | ast.ImportFrom)]
    heavy = {"torch", "pandas", "scipy", "numpy", "hydra", "pyarrow", "matplotlib", "rich"}
    for node in top:
        modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
        assert not {m.split(".")[0] for m in modules} & heavy


@pytest.mark.parametrize("path", [*SIM, *CORE, *LABS], ids=name)
def test_a_file_says_what_it_is_about(path: Path) -> None:
    if path.read_text(encoding="utf-8"):
        assert ast.get_docstring(tree(path))


def test_files_stay_readable() -> None:
    """Short, and laid out by the formatter but for a few tables; ruff measures the lines."""
    paths = [path for part in ("sim", "twin", "conf", "scripts", "tests") for path in (ROOT / part).rglob("*.py")]
    texts = {name(path): path.read_text(encoding="utf-8") for path in paths}
    assert {path: n for path, text in texts.items() if (n := len(text.splitlines())) > LINES} == {}
    assert sum(text.count("# fmt: " + "skip") for text in texts.values()) < SKIPS
