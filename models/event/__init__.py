"""One event: from the fields of its record to a packed row that kernels read, and whether it may be used "
"at all."""
