"""How copywriters are made: data this project writes itself, training, fine-tuning, preferences. Needs the
`train` extra."""
