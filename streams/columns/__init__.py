"""A batch of one topic as columns for the kernels: from the bytes, else from decoded records."""
