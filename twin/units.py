"""Units of time and energy, in the contract's seconds and joules."""

MINUTE = 60.0  # s
HOUR = 3_600.0  # s
DAY = 86_400.0  # s
KWH = 3_600_000.0  # J
