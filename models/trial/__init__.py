"""What an experiment shows: users' totals per arm, the sample-ratio check, intervals that hold at every
look."""
