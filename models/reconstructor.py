"""The network of a trained autoencoder: images to reconstructions."""

from models.autoencoder import autoencoder


def reconstructor(
    image_size=64,
    channels=3,
    width=32,
    code=16,
    depth=3,
    upsample="nearest",
    kernel_size=3,
    pad_mode="symmetric",
    variational=False,
):
    """Returns `Autoencoder.reconstructor()` of a new `autoencoder`.

    Args:
        image_size: Pixels a side; `None` for any multiple of `2**depth`.
        channels: As for `autoencoder`, and so are all others.
        width: Channels at half the full resolution.
        code: Channels of the code.
        depth: Halvings and doublings.
        upsample: As for `decoder`.
        kernel_size: Of the upsamplings.
        pad_mode: Of all convolutions.
        variational: Whether codes have distributions; their mean is taken.

    Returns:
        A `keras.Model` from images to images, both `(batch, image_size,
        image_size, channels)` in [-1, 1].
    """
    return autoencoder(
        image_size,
        channels,
        width,
        code,
        depth,
        upsample,
        kernel_size,
        pad_mode,
        variational,
    ).reconstructor()
