"""The pieces of the `shiftcast model` commands that choose what writes: the registry of the settings, and
telling the workers."""
