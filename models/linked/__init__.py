"""Two pseudonyms of one person: what the one's knowledge adds to the other's. Neither's own is changed."""
