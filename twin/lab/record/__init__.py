"""What a run leaves, written and read back."""
