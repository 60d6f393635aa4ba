"""Images to picture files, as the library makes them."""

from tfupsample.pictures import grid, picture, to_uint8

__all__ = ["grid", "picture", "to_uint8"]
