"""tandem bench fidelity: how well surrogates rank plans, and the value of a plan that it ranks by."""
