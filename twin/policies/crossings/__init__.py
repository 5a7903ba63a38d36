"""Signal control of crossings."""
