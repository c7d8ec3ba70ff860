"""Learning the click model from settled exposures, and publishing it."""
