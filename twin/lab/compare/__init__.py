"""tandem compare: paired differences between runs."""
