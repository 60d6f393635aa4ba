"""Pictures to train on: loaded into memory, then served in batches."""

from train.data.augment import Augmentation
from train.data.images import DataError, ImageData
from train.data.load import load_images
from train.data.pipeline import batches

__all__ = ["Augmentation", "DataError", "ImageData", "batches", "load_images"]
