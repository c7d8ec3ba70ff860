"""What people watch: rates, lag, shifts, creatives and dead letters, read from topics alone by `watch`, the
page and the demo."""
