"""Commands that change what is shown, to whom, and by which model."""
