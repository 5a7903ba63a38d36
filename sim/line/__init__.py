"""Production lines: stations, buffers, routing, wear, quality, energy, accounts."""
