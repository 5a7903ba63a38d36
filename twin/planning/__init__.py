"""Plans as numbers that a surrogate conditions on."""
