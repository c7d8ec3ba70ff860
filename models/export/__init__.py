"""A Hugging Face checkpoint becomes a model folder: graphs, weights of fewer bits, the parity gate. Needs "
"the `train` extra."""
