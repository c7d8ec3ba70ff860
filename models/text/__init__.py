"""Text nobody here wrote: cleaned, measured as people see it, and told by its script."""
