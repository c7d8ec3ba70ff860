"""What comes in, watched: what events lack, and whether interests are still those of the calibration."""
