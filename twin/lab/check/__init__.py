"""Whether a plant, a policy or a surrogate, one's own included, keeps to its contract; told in words."""
