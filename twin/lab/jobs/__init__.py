"""One module per job of the command line."""
