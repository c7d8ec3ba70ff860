"""Whole recipes: the built-in copywriter from nothing, a checkpoint tuned, the model in force refreshed. "
"Needs the `train` extra."""
