"""Plans and what they are worth."""
