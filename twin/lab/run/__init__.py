"""tandem run: one run from its configuration to its directory."""
