"""Copy written before it is needed: what is wanted, by whom, where from, and when."""
