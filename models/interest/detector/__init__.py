"""When an interest has shifted: the scans over codes and prices, and what a trigger does to the profile."""
