"""tandem validate: the plant against known results."""
