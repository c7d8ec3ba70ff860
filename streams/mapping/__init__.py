"""Records as they travel <-> values as models see them."""
