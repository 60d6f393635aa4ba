"""Pictures of what the measures say: plots and one-file HTML pages."""
