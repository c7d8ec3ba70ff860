"""What holds a campaign back, from its metrics: what is significantly worse than the rest, and what would
change it."""
