"""Hazards of assets from how signals move towards failure."""
