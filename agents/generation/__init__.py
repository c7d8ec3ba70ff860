"""The generator worker: requests in, batches to the model, everything acknowledged, restarts."""
