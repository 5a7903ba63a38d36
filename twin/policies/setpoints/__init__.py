"""Which setpoints to move."""
