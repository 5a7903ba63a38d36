"""Models of what a person configures."""
