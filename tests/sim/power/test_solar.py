"""Sun and weather against what is known of them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.power import sun
from sim.power.noise import hourly, reseeded
from sim.power.weather import Weather
from tests.sim.power.grids import bare, command, hours, load

MINUTES = np.arange(0, 86_400.0, 60.0)


def test_the_sun_culminates_at_noon_at_the_height_that_latitude_and_season_give() -> None:
    cosine, azimuth = sun.zenith_and_azimuth(MINUTES, 48.0, 172.0)
    noon = int(cosine.argmax())
    assert noon == 720
    assert math.degrees(math.asin(cosine[noon])) == pytest.approx(90 - 48 + 23.45, abs=0.1)
    assert math.degrees(azimuth[noon]) == pytest.approx(180.0, abs=0.5)
    assert math.degrees(azimuth[360]) < 90  # it rises in the north-east in summer


def test_day_and_night_are_equal_at_the_equinox() -> None:
    cosine, _ = sun.zenith_and_azimuth(MINUTES, 48.0, 81.0)
    assert (cosine > 0).mean() == pytest.approx(0.5, abs=0.005)


def test_a_clear_sky_sends_a_kilowatt_from_the_zenith() -> None:
    """Haurwitz 1945: 1098 exp(-0.057) W/m2."""
    assert sun.clear_sky(np.array([1.0, 0.0, -1.0])) == pytest.approx([1098 * math.exp(-0.057), 0.0, 0.0])


def test_a_horizontal_plane_sees_what_the_horizontal_sees() -> None:
    assert sun.on_plane(500.0, 120.0, 0.6, 2.0, tilt=0.0, facing=180.0) == pytest.approx(620.0)


def test_a_plane_that_faces_the_sun_sees_its_whole_beam() -> None:
    height = math.radians(50.0)
    seen = sun.on_plane(300.0, 0.0, math.sin(height), math.pi, tilt=40.0, facing=180.0)
    ground = 300.0 * sun.GROUND * (1 - math.cos(math.radians(40.0))) / 2
    assert seen - ground == pytest.approx(300.0 / math.sin(height))


def test_the_diffuse_share_has_no_steps() -> None:
    index = np.linspace(0, 1, 2001)
    assert np.abs(np.diff(sun.diffuse_share(index))).max() < 0.01


def test_panels_in_the_middle_of_europe_give_a_thousand_hours_a_year() -> None:
    """A kW of panels yields some 900 to 1250 kWh a year there, most of it in summer."""
    plant = hours(load(wear=False, inverter={}, grid={}, battery=None, generator=None), 365 * 24)
    site = plant._site
    assert site.inverter is not None
    assert site.panels is not None
    assert 900 < site.inverter.gathered / site.panels.rated < 1250


def test_noise_is_standard_normal_and_remembers() -> None:
    values = np.concatenate([hourly(((0, 1),), "x", 12.0, day) for day in range(1500)])
    assert values.mean() == pytest.approx(0.0, abs=0.1)
    assert values.std() == pytest.approx(1.0, abs=0.03)
    assert np.corrcoef(values[:-12], values[12:])[0, 1] == pytest.approx(math.exp(-1), abs=0.05)


def test_another_future_of_the_weather_has_the_same_past() -> None:
    weather, other = Weather(seed=1), Weather(seed=1)
    other.reseed(2, 100)
    assert [weather.at(h) for h in range(100)] == [other.at(h) for h in range(100)]
    assert weather.at(130).temperature != other.at(130).temperature
    assert reseeded(((0, 1), (50, 2)), 20, 3) == ((0, 1), (20, 3))


def test_dust_takes_light_until_someone_cleans() -> None:
    plant = bare(panels={"rated": 50.0, "soiling": 0.01, "washing": 0.0}, grid={})
    panels = hours(plant, 240)._site.panels
    assert panels is not None
    assert panels.soiling == pytest.approx(0.1, abs=0.01)  # but for the hours of rain
    command(plant, "panels.maintain")
    hours(plant, 2)
    assert panels.soiling < 0.001


def test_an_inverter_clips_and_what_it_cannot_take_is_curtailed() -> None:
    plant = hours(
        bare(panels={"rated": 50.0}, inverter={"rated": 20.0, "efficiency": 0.95}, weather={"first_day": 172}), 48
    )
    inverter = plant._site.inverter
    assert inverter is not None
    assert inverter.curtailed > 0
    used = inverter.energy + inverter.losses + inverter.curtailed
    assert inverter.gathered == pytest.approx(used, rel=1e-12)
