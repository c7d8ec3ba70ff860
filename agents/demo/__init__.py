"""What `simulate` and `demo` share: simulated users on the wire, the workers as processes, the score at the
end."""
