"""Says which layers of a model paint a checkerboard or a border, and why.

Keras is imported only when there is a model to inspect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfupsample.arguments import boolean, integer
from tfupsample.inspection.findings import Inspection

if TYPE_CHECKING:
    import keras


def inspect_model(
    model: keras.Model, probe: bool = True, samples: int = 32, seed: int = 0
) -> Inspection:
    """Finds the layers of a model that paint, and measures what it paints.

    The inspector looks at every layer, also inside nested models and composite
    layers. Then it runs the model on flat inputs, as if its images had no
    border, to see whether what the layers write shows in the pictures. It also
    runs the model on noise (generators on latents) and takes its gradient.
    `tfupsample.inspection.rules` says what counts as painting.

    Args:
        model: A built `keras.Model`, which is left as it was.
        probe: Whether to run the model.
        samples: The number of images or latents to run it on, besides the flat
            ones. No verdict depends on them.
        seed: The seed of these samples.

    Returns:
        An `Inspection`.

    Raises:
        ValueError: if the model is not built.

    Example:
    >>> import keras
    >>> model = keras.Sequential(
    ...     [keras.Input((16, 16, 3)), keras.layers.Conv2DTranspose(3, 3, 2)]
    ... )
    >>> inspect_model(model, probe=False).findings[0].kind
    'uneven overlap'
    """
    import keras

    from tfupsample.inspection.judge import concluded, periods_of
    from tfupsample.inspection.keras_graph import networks_of
    from tfupsample.inspection.probe_model import probe_model

    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a keras.Model. Received: {model!r}")
    boolean("probe", probe)
    integer("samples", samples, int(probe))
    integer("seed", seed, 0)
    networks = networks_of(model)
    periods = periods_of(networks)
    probed, responses = {"skipped": "not asked for"}, []
    if probe:
        probed, responses = probe_model(model, networks, periods, samples, seed)
    return concluded(model.name, networks, probed, responses)
