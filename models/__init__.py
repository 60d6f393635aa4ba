"""Image models whose upsampling is an argument."""
