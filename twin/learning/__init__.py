"""When and from what the surrogate learns; which weights serve."""
