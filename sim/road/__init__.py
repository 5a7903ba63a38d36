"""The parts of a road network: links, signals, demand, detectors, and what wears them out."""
