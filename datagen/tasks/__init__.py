"""What counts in an episode: events and, later, goals."""
