"""Names of a person's own in what a refusal says."""

from __future__ import annotations

from tests.lab.configure.schema.plant_fields import plant, refusal_of


def test_a_name_stays_in_its_line() -> None:
    refused = refusal_of(plant("crossing") | {"links": {"a\nb" + 99 * "c": {"length": -1}}})
    assert refused == f"plant.links.a\\nb{56 * 'c'}….length = -1: must be a number of m >= 1 and <= 1e+06"


def test_more_loads_than_a_site_has_are_too_many() -> None:
    loads = {f"load_{number}": {"profile": {}} for number in range(501)}
    assert refusal_of(plant("microgrid") | {"loads": loads}) == "plant.loads = 501 loads: must be 500 at most"
