"""The transformer surrogate."""
