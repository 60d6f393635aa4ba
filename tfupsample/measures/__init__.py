"""Measures of upsampling artifacts: numbers with units, no pictures."""
