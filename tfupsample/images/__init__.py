"""Image files and arrays of images."""
