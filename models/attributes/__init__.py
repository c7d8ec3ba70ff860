"""What a thing may look like, be made of, have and be fit for: words of a text that say so, and what supports
them."""
