"""The physical side: discrete-event plants that can be advanced, forked and saved."""
