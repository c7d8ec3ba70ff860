"""Creatives that many users share: what should stand, what stands, and who keeps it so."""
