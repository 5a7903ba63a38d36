"""Exact results that the plant is held against: closed forms and Markov chains, computed from their parameters."""
