"""Surrogates that learn by gradients: the trainer and its parts."""
