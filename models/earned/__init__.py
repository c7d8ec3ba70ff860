"""What was shown meets what it earned: exposures, joins, attribution, counters, caps."""
