"""Plots, tables and graphs, whatever they show."""
