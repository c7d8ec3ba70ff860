"""What a file says of its origin: in XMP, and in content credentials (C2PA) that can be checked."""
