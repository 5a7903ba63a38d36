"""Forecasts entered before their truth exists, scored once it arrived; calibration and drift."""
