"""Sheets that people fill: what is put on them, and their files."""
