"""Models of what a plant yaml holds, a file for each kind of thing in it."""
