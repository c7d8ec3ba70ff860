"""What a log of clicks teaches a copywriter, held to the rules. Needs the `train` extra."""
