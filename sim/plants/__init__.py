"""One file, one scenario's plant."""
