"""Something that happened at an asset, and the kinds of events that have a meaning for every plant."""

from __future__ import annotations

import math
from typing import NamedTuple

# Event kinds. A plant may emit others; a controller ignores those that it does not know.
FAILED = "failed"  # detail = failure mode; the asset is down from here on
REPAIR_STARTED = "repair_started"  # a technician is at work on the failed asset
REPAIRED = "repaired"  # corrective work done, the asset is renewed (or as good as the repair makes it)
MAINTENANCE_STARTED = "maintenance_started"  # preventive work begins, the asset stands still
MAINTAINED = "maintained"  # preventive work done
DEADLOCK = "deadlock"  # stations wait for each other and none will move again; detail = who waits for whom
COMMAND_APPLIED = "command_applied"  # detail = actuator key, value = the value applied
COMMAND_REFUSED = "command_refused"  # detail = "actuator key: reason", value = the value asked for
COMMAND_LATE = "command_late"  # applied, but it travelled longer than a tick; value = its delay in seconds


class Event(NamedTuple):
    """Something that happened at an asset. detail and value by kind, see the constants above."""

    time: float
    asset: str
    kind: str
    detail: str = ""
    value: float = math.nan
