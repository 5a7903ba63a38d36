"""Labelled rows of the past, from which batches are sampled."""
