"""From files and the command line to a checked configuration."""
