"""What a run's twin was up against: plant, network, horizon. Two arms are comparable where it is the same for both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twin.lab.compare.arms import Arms, ComparedRun

GROUPS = ("scenario", "plant", "network", "days")
IDEAL = ("plant.wear",)  # in which the arm without losses differs by design
SHOWN = 6  # differences named at most
ABSENT = "(not set)"


def environment(entry: ComparedRun) -> dict[str, Any]:
    """Settings of a run, by dotted key, that its policy does not choose: the plant with its tick, network, horizon."""
    return {key: value for key, value in entry.settings.items() if key.split(".")[0] in GROUPS}


def differing(first: ComparedRun, second: ComparedRun, varied: Sequence[str] = ()) -> dict[str, tuple[Any, Any]]:
    """By key, the two values in which two runs' environments differ, except `varied` keys and those under them."""
    ours, theirs = environment(first), environment(second)
    keys = [key for key in {**ours, **theirs} if not under(key, varied)]
    pairs = {key: (ours.get(key, ABSENT), theirs.get(key, ABSENT)) for key in keys}
    return {key: both for key, both in pairs.items() if repr(both[0]) != repr(both[1])}


def declared(by_arm: Arms, varied: Sequence[str]) -> None:
    """Raises ValueError for a declared key that is no setting of the environment of any run."""
    known = {key for seeds in by_arm.values() for entry in seeds.values() for key in environment(entry)}
    for key in varied:
        if not any(under(one, [key]) for one in known):
            raise ValueError(
                f"varied = {key}: no run has such a setting of its plant; keys begin with {', '.join(GROUPS)}, "
                "as in plant.wear"
            )


def require_same(by_arm: Arms, pairs: Sequence[tuple[str, str]], varied: Sequence[str] = ()) -> None:
    """Each arm must have one environment at all seeds, and each two arms that are paired the same one, seed by seed.

    Raises ValueError that says in what they differ, but for the keys declared.
    """
    for arm in dict.fromkeys(arm for pair in pairs for arm in pair):
        entries = list(by_arm[arm].values())
        for other in entries[1:]:
            if unlike := differing(entries[0], other):
                raise ValueError(
                    f"{arm}: its runs at seeds {entries[0].seed} and {other.seed} differ in {in_words(unlike)}; "
                    "an arm has one plant"
                )
    for first, second in pairs:
        for seed in sorted(by_arm[first].keys() & by_arm[second].keys()):
            if unlike := differing(by_arm[first][seed], by_arm[second][seed], varied):
                raise ValueError(f"{first} and {second} had different plants: {in_words(unlike)}; {_way_out(unlike)}")


def alike(by_arm: Arms, names: Sequence[str]) -> list[list[str]]:
    """The arms in groups of one environment each, in the order of `names`."""
    groups: list[list[str]] = []
    for name in names:
        run = next(iter(by_arm[name].values()))
        same = (group for group in groups if not differing(run, next(iter(by_arm[group[0]].values()))))
        group = next(same, None)
        if group is None:
            groups.append([name])
        else:
            group.append(name)
    return groups


def in_words(unlike: Mapping[str, tuple[Any, Any]]) -> str:
    """Key = one value and the other, of the first few."""
    parts = [f"{key} = {_short(one)} and {_short(other)}" for key, (one, other) in list(unlike.items())[:SHOWN]]
    more = len(unlike) - SHOWN
    return ", ".join(parts) + (f" and {more} more settings" if more > 0 else "")


def _way_out(unlike: Mapping[str, tuple[Any, Any]]) -> str:
    keys = list(unlike) if len(unlike) <= SHOWN else sorted({key.split(".")[0] for key in unlike})
    ideal = "ideal=ARM names an arm without wear; " if set(unlike) == set(IDEAL) else ""
    return f"{ideal}where that is what is asked, say varied={','.join(keys)}"


def under(key: str, tops: Sequence[str]) -> bool:
    """Whether a setting is one of `tops`, or below one."""
    return any(key == top or key.startswith(f"{top}.") for top in tops)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
