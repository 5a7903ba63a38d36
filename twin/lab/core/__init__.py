"""Building a plant and its twin, and the loop that joins them."""
