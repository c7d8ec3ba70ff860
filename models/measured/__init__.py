"""What the loop publishes of itself: rates with intervals, fatigue, diversity, latencies, posteriors."""
