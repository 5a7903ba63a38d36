"""What every simulation needs and no domain owns: event kernel, random streams, distributions, schedules, checks."""
