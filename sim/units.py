"""Units of time, in seconds, and of energy, in joules."""

from __future__ import annotations

MINUTE = 60.0
HOUR = 3600.0
DAY = 86_400.0
KWH = 3.6e6
