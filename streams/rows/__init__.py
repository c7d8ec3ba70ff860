"""Rows in a store: their sparse form, versions and owners, and what their files need from time to time."""
