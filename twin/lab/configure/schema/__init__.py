"""Typed models of everything that a person configures: types, units, ranges, what is allowed."""
