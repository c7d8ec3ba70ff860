"""Faust's consumer with batches instead of records: how it fetches, what it knows of its sources, commits."""
