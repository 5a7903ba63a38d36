"""The weather of a site."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from twin.lab.configure.schema.fields import Fields
from twin.lab.configure.schema.quantities import Number


class WeatherFields(Fields):
    """Clouds, warmth, wind and rain by the hour; see sim.power.weather.Weather."""

    what = "the weather"
    latitude: Annotated[float, Number("degrees", low=-66, high=66)] = Field(48.0, description="of the site")
    first_day: Annotated[float, Number(low=1, high=365)] = Field(1.0, description="day of the year at time 0")
    cloudiness: Annotated[float, Number(low=0.01, high=0.95)] = Field(
        0.4, description="mean share of the clear sky's light that clouds take"
    )
    warmth: Annotated[float, Number("degC", low=-60, high=60)] = Field(11.0, description="annual mean")
    seasonal: Annotated[float, Number("degC", low=0, high=60)] = Field(9.0, description="half the swing over the year")
    daily: Annotated[float, Number("degC", low=0, high=60)] = Field(5.0, description="half the swing over the day")
    wind: Annotated[float, Number("m/s", low=0, high=60, usual=(0, 20))] = Field(
        5.0, description="mean, Rayleigh distributed"
    )
    rain: Annotated[float, Number(low=0, high=0.5)] = Field(0.06, description="share of hours with rain")
