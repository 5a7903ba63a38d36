"""tandem run: one run from its configuration to its directory; `twin.lab.run` is a function of the Python interface."""
