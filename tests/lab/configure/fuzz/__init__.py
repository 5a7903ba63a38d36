"""Changed configurations: refused in one line, or built and run."""
