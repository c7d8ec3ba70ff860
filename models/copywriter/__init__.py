"""The copywriter: a small decoder language model on ONNX Runtime that writes headline, description and call
to action."""
