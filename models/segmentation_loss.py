"""What a network that segments is trained for, and how it is measured."""

import keras
from keras import ops

from tfupsample.arguments import finite
from tfupsample.images.masks import VOID


@keras.saving.register_keras_serializable(package="tfupsample.models")
class SegmentationLoss(keras.losses.Loss):
    """Cross-entropy, and how little the areas of the classes overlap.

    For each image, the mean over the known pixels of the negative logarithm of
    the probability of the right class, plus `dice_weight` times the mean over
    the classes of `1 - (2 overlap + 1) / (predicted + true + 1)`, Dice's
    coefficient of the probabilities with the mask in pixels (Milletari et al.
    2016, arXiv 1606.04797). The ones make a class that is rightly absent count
    as right. Cross-entropy alone cares little for classes of few pixels.

    Args:
        dice_weight: Factor of the second part.
        **kwargs: `name`, `reduction`, `dtype`.

    Call arguments:
        y_true: Classes `(batch, *sizes)`; `VOID` counts nowhere.
        y_pred: Logits `(batch, *sizes, classes)`.

    Raises:
        ValueError: if `dice_weight` is no finite number from 0.
    """

    def __init__(self, dice_weight=1.0, name="segmentation_loss", **kwargs):
        super().__init__(name=name, **kwargs)
        self.dice_weight = finite("dice_weight", dice_weight, 0)

    def call(self, y_true, y_pred):
        classes = y_pred.shape[-1]
        y_true = ops.cast(y_true, "int32")
        known = ops.cast(ops.not_equal(y_true, VOID), y_pred.dtype)[..., None]
        pixels = tuple(range(1, len(y_pred.shape) - 1))
        # A void pixel has no 1 among the classes.
        target = ops.one_hot(y_true, classes, dtype=y_pred.dtype)
        logs = ops.log_softmax(y_pred, axis=-1)
        count = ops.maximum(ops.sum(known, axis=(*pixels, -1)), 1.0)
        entropy = -ops.sum(target * logs, axis=(*pixels, -1)) / count
        if not self.dice_weight:
            return entropy
        likely = ops.exp(logs) * known
        overlap = ops.sum(likely * target, axis=pixels)
        areas = ops.sum(likely + target, axis=pixels)
        dice = ops.mean((2 * overlap + 1) / (areas + 1), axis=-1)
        return entropy + self.dice_weight * (1 - dice)

    def get_config(self):
        return super().get_config() | {"dice_weight": self.dice_weight}


def mean_iou(classes):
    """Returns the metric of masks and logits that is common in segmentation.

    It is the mean over the classes of how much the predicted area and the true
    one overlap, as a share of their union.
    """
    return keras.metrics.MeanIoU(
        classes, name="mean_iou", ignore_class=VOID, sparse_y_pred=False
    )
