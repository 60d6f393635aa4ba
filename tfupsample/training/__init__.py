"""What watches the training of a model."""
