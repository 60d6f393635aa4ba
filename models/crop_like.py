"""Joins arrays of nearly the same size, as the skips of a U-Net are."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="tfupsample.models")
class CropLike(keras.layers.Layer):
    """Cuts off what an array has more than another, at the end of each axis.

    The upsampling layers of `tfupsample` do so when they are called with
    `like=`; this is for what follows a layer that does not, such as Keras's
    transposed convolution.

    Call arguments:
        inputs: `(batch, *sizes, channels)` and the array whose sizes to take,
            which are not larger and may be unknown.

    Output shape:
        The sizes of the second array with the channels of the first.
    """

    def call(self, inputs):
        x, like = inputs
        if x.shape[1:-1] == like.shape[1:-1] and None not in x.shape[1:-1]:
            return x
        sizes = ops.shape(like)[1:-1]
        return x[(slice(None), *(slice(n) for n in sizes))]

    def compute_output_shape(self, input_shape):
        (batch, *_, channels), like = input_shape
        return (batch, *like[1:-1], channels)
