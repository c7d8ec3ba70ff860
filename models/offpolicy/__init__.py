"""What another policy would have earned, estimated from a log of what this one drew and with what chance."""
