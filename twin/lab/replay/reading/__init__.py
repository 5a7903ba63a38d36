"""From a file as people keep it to readings in order of time; `read_telemetry` is the door."""
