"""Samples that are more typical, and less varied, from a style generator."""

import keras
import numpy as np

from tfupsample.errors import UnusableInput

_LATENTS = 4096  # whose mean style the truncation goes to


def truncated(
    generator: keras.Model, truncation: float, seed: int = 0
) -> keras.Model:
    """Returns a generator whose styles lie closer to their mean.

    This is the truncation of Karras et al. 2019 (arXiv 1812.04948): what the
    mapping makes of a latent, w, becomes `mean + truncation * (w - mean)`.

    Args:
        generator: A `keras.Model` of latents with the layers `"mapping"` and
            `"synthesis"`, as `models.stylegan2.generator` makes it; the result
            shares its weights.
        truncation: The factor ψ: 1 changes nothing, 0 gives the mean image.
        seed: Seed of the latents whose mean is taken.

    Returns:
        A `keras.Model` of the same latents, with layers of the same names.

    Raises:
        UnusableInput: if the generator is of another kind.
    """
    layers = {layer.name: layer for layer in generator.layers}
    if not {"mapping", "synthesis"} <= layers.keys() or generator.inputs[1:]:
        raise UnusableInput(
            "Truncation needs a StyleGAN2 of latents alone, with a mapping and "
            f"a synthesis; {generator.name!r} is none."
        )
    mapping, synthesis = layers["mapping"], layers["synthesis"]
    shape = generator.input_shape[1:]
    latents = np.random.default_rng(seed).normal(size=(_LATENTS, *shape))
    styles = mapping.predict(
        latents.astype("float32"), batch_size=_LATENTS, verbose=0
    )
    mean = styles.mean(axis=0)
    given = keras.Input(shape, name="z")
    closer = keras.layers.Rescaling(truncation, (1 - truncation) * mean)
    styles = keras.Model(given, closer(mapping(given)), name="mapping")
    latents = keras.Input(shape, name="latents")
    each = keras.layers.RepeatVector(synthesis.input_shape[1])(styles(latents))
    return keras.Model(latents, synthesis(each), name=generator.name)
