"""Any causal language model on ONNX Runtime: export, sessions, KV memory, decoding. Serving needs no
torch."""
