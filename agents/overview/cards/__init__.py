"""What single cards of the page show, each from one topic."""
