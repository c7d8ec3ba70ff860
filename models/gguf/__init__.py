"""Language models as llama.cpp keeps them: read without torch or transformers."""
