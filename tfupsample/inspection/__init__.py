"""What a model is made of, and which of its layers paint."""
