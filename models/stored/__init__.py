"""Rows as they are stored: every kind, its version of today and the way there from earlier ones."""
