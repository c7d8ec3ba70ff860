"""What one user is interested in, and the moment at which that has shifted."""
