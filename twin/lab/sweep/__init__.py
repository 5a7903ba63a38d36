"""tandem run -m: many runs, here or on a cluster."""
