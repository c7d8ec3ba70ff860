"""What `shiftcast check` looks at: this machine and its environment, then the broker."""
