"""Pictures from noise by a text-to-image model on ONNX Runtime: the loop of latent diffusion, in numpy."""
