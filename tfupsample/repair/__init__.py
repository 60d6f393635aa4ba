"""Takes the pattern out of models that are trained."""
