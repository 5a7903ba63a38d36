"""References that see hidden state, and say so."""
