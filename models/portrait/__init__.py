"""Groups of users who behave alike, and a portrait of each."""
