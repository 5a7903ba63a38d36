"""The choices that conf/ offers: a folder for each group, a yaml for each choice."""

from __future__ import annotations

from importlib.resources import files

FITS = "fits:"
LAUNCHERS = "launchers"  # the folder of conf/ for hydra/launcher=, see twin.lab.sweep.launchers.choosing


def groups() -> dict[str, list[str]]:
    """The groups of conf/ and the choices of each, by name."""
    by_group = {}
    for entry in sorted(files("conf").iterdir(), key=lambda e: e.name):
        if entry.is_dir() and not entry.name.startswith("_") and entry.name != LAUNCHERS:
            by_group[entry.name] = sorted(e.name[:-5] for e in entry.iterdir() if e.name.endswith(".yaml"))
    return by_group


def choices(group: str) -> list[str]:
    """The choices of one group; none for an unknown one."""
    if group == "hydra/launcher":
        return [
            "basic",
            *sorted(e.name[:-5] for e in (files("conf") / LAUNCHERS).iterdir() if e.name.endswith(".yaml")),
        ]
    return groups().get(group, [])


def describe(group: str, choice: str) -> str:
    """The first comment of a choice's yaml that is not a package line."""
    return next((line for line in _comments(group, choice) if "@package" not in line), "")


def fits(group: str, choice: str) -> str:
    """What a plant must have for a choice, as its yaml says in a comment `# fits: ...`; empty where it says nothing."""
    return next((line.removeprefix(FITS).strip() for line in _comments(group, choice) if line.startswith(FITS)), "")


def _comments(group: str, choice: str) -> list[str]:
    lines = (files("conf") / group / f"{choice}.yaml").read_text(encoding="utf-8").splitlines()
    return [line.lstrip("# ").strip() for line in lines if line.startswith("#")]
