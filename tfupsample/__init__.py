"""Upsampling for Keras 3 that cannot paint a checkerboard or a border.

The public names are those of `__init__.pyi`. Each is imported when it is first
used, and Keras with it, so that the commands answer at once.
"""

import lazy_loader

from tfupsample.registration import register

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

register(__all__)
