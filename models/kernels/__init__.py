"""Numbers at compiled speed: the `@kernel` decorator and what kernels stand on (hashes, look-ups, halves, "
"bytes by address)."""
