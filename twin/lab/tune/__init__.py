"""tandem tune: search for settings."""
