"""One worker: Faust with batches instead of records, and the lanes it owns."""
