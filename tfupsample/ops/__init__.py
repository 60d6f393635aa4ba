"""Pure functions of arrays: kernels, phases, padding, resizing, adjoints."""
