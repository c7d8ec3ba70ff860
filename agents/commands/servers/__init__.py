"""Commands that stay up and answer over HTTP, or keep another store as the topics have it."""
