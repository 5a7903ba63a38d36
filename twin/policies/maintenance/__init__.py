"""When to order work."""
