"""Who maintains and what is maintained: crews, spare parts, one life, one up/down condition."""
