"""tandem bench: speed and fidelity."""
