"""Scenes that a background model learns from: light on walls, cloth, paper and land, drawn by rules with
random light."""
