"""The commands below `shiftcast model`, one per file."""
