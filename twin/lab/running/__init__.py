"""tandem run: one run from its configuration to its directory. (`twin.lab.run` is the function of the Python interface.)"""
