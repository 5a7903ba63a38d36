"""Hazards and lives: failure paths, growth of signals, accelerated life."""
