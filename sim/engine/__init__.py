"""What every simulation needs and no domain owns: event kernel, named random streams, distributions, schedules, checks."""
