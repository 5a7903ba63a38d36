"""From delivered messages to features: inbox, cleaning, the window of ticks, lives, scaling."""
