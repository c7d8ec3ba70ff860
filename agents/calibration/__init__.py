"""The detector's threshold from what was logged: positives read from topics, the knob is a rate of false
triggers."""
