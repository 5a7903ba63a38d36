"""When the surrogate learns and from which rows; which weights forecast."""
