"""Two pseudonyms of one person, as people state and withdraw it."""
