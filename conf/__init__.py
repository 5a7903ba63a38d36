"""Hydra configuration: run.yaml and one yaml per choice."""
