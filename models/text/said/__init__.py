"""What a text says of a thing: what it lacks, and what share of a price is off."""
