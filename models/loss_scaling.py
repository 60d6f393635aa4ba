"""Loss scaling for models that hold networks in float16."""

import keras


def loss_scaled(optimizer, *networks):
    """Returns an optimizer that scales the loss if a network needs it.

    In float16, gradients below 6e-8 vanish. So the loss is multiplied, and the
    gradients are divided in float32; a step whose gradients overflow is left
    out, and the factor halved (Micikevicius et al. 2018, arXiv 1710.03740).
    Keras does so for models whose own policy is `mixed_float16`, and not for
    those that compute in float32 around such networks.

    Args:
        optimizer: What `keras.Model.compile` takes.
        *networks: The networks that it trains.
    """
    optimizer = keras.optimizers.get(optimizer)
    scales = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    if scales or all(n.dtype_policy.name != "mixed_float16" for n in networks):
        return optimizer
    return keras.optimizers.LossScaleOptimizer(
        optimizer, name="loss_scale_optimizer"
    )
