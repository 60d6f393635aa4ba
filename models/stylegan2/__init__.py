"""StyleGAN2 (Karras et al. 2020, arXiv 1912.04958) on any upsampler."""

from .networks import (
    discriminator,
    generator,
    mapping,
    synthesis,
)
from .training import StyleGAN2

__all__ = ["StyleGAN2", "discriminator", "generator", "mapping", "synthesis"]
