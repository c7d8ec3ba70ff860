"""The receiver of trackers: what was shown, seen, played and clicked, from the people who saw it."""
