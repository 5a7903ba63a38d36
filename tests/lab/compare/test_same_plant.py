"""Arms are compared on one plant, or not at all unless it was declared."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.compare.compared import arms, make_arm
from twin.lab.compare import comparison
from twin.lab.compare import same_plant as environment
from twin.lab.compare.terms import Terms


def terms(**more: object) -> Terms:
    return Terms(["profit_per_hour"], ["lazy"], **more)  # type: ignore[arg-type]


def test_runs_of_other_plants_are_refused_and_it_is_said_in_what(tmp_path: Path) -> None:
    make_arm(tmp_path, "lazy")
    make_arm(tmp_path, "wise", plant={"crew": 3, "stations": {"saw": {"buffer": 4}}})
    words = (
        r"wise and lazy had different plants: plant.crew = 3 and 2, plant.stations.saw.buffer = 4 and "
        r"\(not set\); where that is what is asked, say varied=plant.crew,plant.stations.saw.buffer"
    )
    found = {name.split()[0]: own for name, own in arms(tmp_path).items()}
    with pytest.raises(ValueError, match=words):
        comparison.carry_out(found, terms())


@pytest.mark.parametrize("varied", [["plant.crew"], ["plant"], ["plant.crew", "network"]])
def test_what_is_declared_may_differ_and_is_told(tmp_path: Path, varied: list[str]) -> None:
    make_arm(tmp_path, "lazy")
    make_arm(tmp_path, "wise", plant={"crew": 3})
    found = {name.split()[0]: own for name, own in arms(tmp_path).items()}
    told = comparison.carry_out(found, terms(varied=varied))
    assert told.unlike == ["as declared, the plant differs in plant.crew: wise − lazy"]
    assert told.results[0].chances == {}, "on unlike plants no arm competes with another"


def test_horizon_tick_and_network_are_of_the_environment(tmp_path: Path) -> None:
    make_arm(tmp_path, "lazy", ticks=144)
    make_arm(tmp_path, "wise", ticks=288)
    found = {name.split()[0]: own for name, own in arms(tmp_path).items()}
    with pytest.raises(ValueError, match=r"wise and lazy had different plants: days = 2.0 and 1.0; .*say varied=days"):
        comparison.carry_out(found, terms())
    assert {"days", "plant.tick", "network.loss"} <= environment.environment(found["lazy"][0]).keys()


def test_a_policy_s_own_settings_are_no_plant(tmp_path: Path) -> None:
    make_arm(tmp_path, "lazy")
    make_arm(tmp_path, "wise")
    told = comparison.carry_out(arms(tmp_path), terms())
    assert not told.unlike
    assert set(told.results[0].chances) == {"lazy", "wise"}


def test_the_ideal_may_be_without_wear_and_nothing_else(tmp_path: Path) -> None:
    make_arm(tmp_path, "lazy")
    make_arm(tmp_path, "seer", profit=120.0)
    make_arm(tmp_path, "heaven", profit=150.0, plant={"wear": False})
    found = {name.split()[0]: own for name, own in arms(tmp_path).items()}
    told = comparison.carry_out(found, terms(reference="seer", ideal="heaven"))
    assert [row["policy"] for row in told.results[0].excesses] == ["lazy"]
    assert [row["policy"] for row in told.results[0].differences] == ["seer"]
    with pytest.raises(
        ValueError, match=r"heaven and lazy .*plant.wear = False and \(not set\); ideal=ARM names an arm"
    ):
        comparison.carry_out(found, terms())
    make_arm(tmp_path, "hell", profit=150.0, plant={"wear": False, "crew": 9})
    found = {name.split()[0]: own for name, own in arms(tmp_path).items() if not name.startswith("heaven")}
    with pytest.raises(ValueError, match=r"and hell had different plants: plant.crew = 2 and 9; "):
        comparison.carry_out(found, terms(reference="seer", ideal="hell"))


def test_an_arm_is_one_plant_at_all_seeds(tmp_path: Path) -> None:
    facts = {"experiment": "x", "arm": "lazy"}
    make_arm(tmp_path, "lazy", seeds=1, **facts)
    make_arm(tmp_path / "more", "lazy", seeds=2, ticks=288, **facts)
    make_arm(tmp_path, "wise", seeds=2, experiment="x", arm="wise")
    from twin.lab.compare.arms import add, read

    found = arms(tmp_path)
    add(found, "lazy", read(tmp_path / "more" / "lazy_seed1"))
    with pytest.raises(
        ValueError, match=r"lazy: its runs at seeds 0 and 1 differ in days = 1.0 and 2.0; an arm has one"
    ):
        comparison.carry_out(found, terms(varied=["days"]))


def test_what_is_declared_must_be_there(tmp_path: Path) -> None:
    make_arm(tmp_path, "lazy")
    with pytest.raises(
        ValueError, match=r"varied = plant.crow: no run has such a setting .*scenario, plant, network, days"
    ):
        comparison.carry_out(arms(tmp_path), terms(varied=["plant.crow"]))
    with pytest.raises(ValueError, match=r"varied = policy.kind: no run has"):
        comparison.carry_out(arms(tmp_path), terms(varied=["policy.kind"]))


def test_many_differences_are_told_in_brief(tmp_path: Path) -> None:
    make_arm(tmp_path, "lazy")
    make_arm(tmp_path, "wise", plant={"stations": {f"s{i}": 1 for i in range(9)}})
    found = {name.split()[0]: own for name, own in arms(tmp_path).items()}
    with pytest.raises(ValueError, match=r"and 3 more settings; .*say varied=plant$"):
        comparison.carry_out(found, terms())


def test_the_studies_that_vary_the_plant_declare_it() -> None:
    from twin.lab.configure.choices import choices
    from twin.lab.sweep.study import named

    declared = {
        name: list(named(name).varied) for name in ("dispatch", "signals", "policies") if name in choices("experiment")
    }
    assert declared == {"dispatch": ["plant.battery"], "signals": ["plant.detectors.failed"], "policies": []}


def test_an_arm_with_a_baseline_of_its_own_plant_is_compared_with_that_one_only(tmp_path: Path) -> None:
    for name, crew in (("lazy", 2), ("wise", 2), ("lazy_few", 1), ("wise_few", 1), ("alone", 3)):
        make_arm(tmp_path, name, plant={"crew": crew}, arm=name)
    found = arms(tmp_path)
    two = Terms(["profit_per_hour"], ["lazy", "lazy_few"], varied=["plant.crew"])
    pairs = {(row["policy"], row["baseline"]) for row in comparison.carry_out(found, two).results[0].differences}
    assert pairs == {("wise", "lazy"), ("wise_few", "lazy_few"), ("alone", "lazy"), ("alone", "lazy_few")}


def test_many_settings_that_differ_are_told_by_what_was_declared(tmp_path: Path) -> None:
    make_arm(tmp_path, "lazy", arm="lazy")
    make_arm(tmp_path, "wise", arm="wise", plant={"store": {f"part_{i}": i for i in range(9)}})
    told = comparison.carry_out(arms(tmp_path), terms(varied=["plant.store"]))
    assert told.unlike == ["as declared, the plant differs in plant.store: wise − lazy"]
