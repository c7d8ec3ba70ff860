"""Commands that only read: what happens, why, and what it earned."""
