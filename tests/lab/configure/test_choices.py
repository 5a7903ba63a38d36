"""What there is to choose from, and what fits what."""

from __future__ import annotations

import pytest

from twin.lab.cli import main
from twin.lab.configure.choices import choices, describe, fits
from twin.lab.configure.resolve import configurations
from twin.lab.core import build

SCENARIOS = ("manufacturing", "manufacturing_drift", "serial_line", "assembly", "energy", "traffic")


@pytest.mark.slow
def test_a_policy_fits_where_its_yaml_says_and_nowhere_else() -> None:
    names = choices("policy")
    of_policies = configurations([[f"policy={name}", "surrogate=persistence"] for name in names])
    of_scenarios = configurations([[f"scenario={name}", "surrogate=persistence"] for name in SCENARIOS])
    for scenario, config in zip(SCENARIOS, of_scenarios, strict=True):
        spec = build.plant_of(config).spec
        for name, policy in zip(names, (each["policy"] for each in of_policies), strict=True):
            said = f"scenario={scenario}" in fits("policy", name) or "any scenario" in fits("policy", name)
            try:
                build.twin_for(config | {"policy": policy}, spec, "cpu")
                does = True
            except ValueError:
                does = False
            assert does == said, f"{name} on {scenario}"


def test_the_list_stands_under_what_it_fits(capsys: pytest.CaptureFixture[str]) -> None:
    main(["list", "policy"])
    lines = capsys.readouterr().out.splitlines()
    needs = [place for place, line in enumerate(lines) if line.startswith("  for ")]
    battery = next(place for place in needs if "a battery (scenario=energy)" in lines[place])
    under = lines[battery + 1 : min([place for place in needs if place > battery] + [len(lines)])]
    a_battery = {n for n in choices("policy") if fits("policy", n) == "a battery (scenario=energy)"}
    assert {line.split()[0] for line in under} == a_battery
    assert fits("surrogate", "mlp") == ""
    assert describe("policy", "mpc").startswith("Receding-horizon dispatch")
