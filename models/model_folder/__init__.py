"""A model folder as everybody reads it: manifest, graphs, tokenizer, adapters, checked before use."""
