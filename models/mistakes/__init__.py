"""Mistakes of campaigns and items that are no broken records: what a person surely meant otherwise."""
