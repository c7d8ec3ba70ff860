"""Briefs and their copy as rows to learn from: made more, balanced, as tokens, in batches."""
