"""tandem bench fidelity: how well surrogates rank plans."""
