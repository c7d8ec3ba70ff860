"""The simulator: users whose interests shift at known times, and what they click on."""
