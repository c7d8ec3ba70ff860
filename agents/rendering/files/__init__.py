"""Where finished files are: a folder or a bucket, and who serves them."""
