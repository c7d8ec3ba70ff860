"""The commands below `shiftcast copy`, one per file."""
