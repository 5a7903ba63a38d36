"""tandem replay: recorded telemetry through the twin."""
