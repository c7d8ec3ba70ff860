"""What was made for users: taken into their rows, counted, withdrawn as soon as it must not be shown."""
