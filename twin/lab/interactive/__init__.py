"""The Python interface: make a plant and its twin, step them, ask what-ifs, run to the end; no command line needed."""
