"""The network between a plant and its twin, and the faults of sensors."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

from twin.lab.configure.schema.fields import Fields
from twin.lab.configure.schema.laws import LONGEST, TimeOrNone
from twin.lab.configure.schema.quantities import Number, Whole

Chance = Annotated[float, Number(low=0, high=1)]
DAYS = Number("d", low=0, high=LONGEST, endless=True)


class ChannelFields(Fields):
    """One direction of the network."""

    what = "a channel"
    latency: TimeOrNone | None = Field(None, description="of a message, s; null for none")
    loss: Chance = Field(0.0, description="chance that a message is lost")
    duplicate: Chance = Field(0.0, description="chance that a message arrives twice")
    retries: Annotated[int, Whole(0, 1000)] = Field(0, description="how often a lost reliable message is sent again")
    timeout: Annotated[float, Number("s", above=0, high=LONGEST)] = Field(
        1.0, description="after which it is sent again"
    )


class Network(Fields):
    """Both directions."""

    what = "channels"
    uplink: ChannelFields | None = Field(None, description="from sensors to the twin")
    downlink: ChannelFields | None = Field(None, description="from the twin to actuators")


class MeterFaults(Fields):
    """What is wrong with one sensor, see sim.telemetry.sensors.Sensor."""

    what = "faults of a sensor"
    noise: Annotated[float, Number(low=0, high=1e6)] = Field(0.0, description="standard deviation, in its unit")
    gain: Annotated[float, Number(low=-1000, high=1000)] = Field(1.0, description="of its response")
    bias: Annotated[float, Number(low=-1e6, high=1e6)] = Field(0.0, description="added to what it measures")
    drift: Annotated[float, Number(low=-1e6, high=1e6)] = Field(0.0, description="of the bias, per day")
    dropout: Chance = Field(0.0, description="chance that a reading is missing")
    stuck_after: Annotated[float, DAYS] = Field(math.inf, description="from then on it repeats its last value")
    jump_time: Annotated[float, DAYS] = Field(math.inf, description="when its gain jumps")
    jump_factor: Annotated[float, Number(above=0, high=1000)] = Field(1.0, description="by which the gain jumps")
    jump_bias: Annotated[float, Number(low=-1e6, high=1e6)] = Field(0.0, description="added to the bias then")


class SensorFaults(MeterFaults):
    """What is wrong with one sensor, and how often it samples."""

    period: Annotated[float, Number("s", above=0, high=LONGEST)] = Field(60.0, description="between two samples")
