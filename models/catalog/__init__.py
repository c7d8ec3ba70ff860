"""The catalogue as a versioned artefact: items as vectors, codes and clusters."""
