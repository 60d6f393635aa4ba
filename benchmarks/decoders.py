"""Why an autoencoder with resize-convolutions lies below transposed ones.

    TF_ENABLE_ONEDNN_OPTS=1 python -m benchmarks.decoders
    TF_ENABLE_ONEDNN_OPTS=1 python -m benchmarks.decoders \
        nearest "deconv 3×3" "balanced 4×4" --seeds 1 2

The autoencoder of `train.autoencoder` on crops of photographs (`photos`, 64
pixels), by the way that its decoder enlarges; Adam at 2e-3 with a cosine
schedule. PSNR and artifact scores of 1,000 other crops of the same
photographs; multiplications a pixel of the decoder, computed at low resolution
where that is possible. Results are in `results/decoders.json`; `cells.py` says
how to resume.
"""

import argparse
import time

import keras
import numpy as np

from benchmarks import cells
from models.autoencoder import Autoencoder, encoder
from tfupsample.images.arrays import from_uint8, to_uint8
from tfupsample.layers.padded_conv import PaddedConv2D
from tfupsample.layers.upsampler import network_upsampler
from train.data import batches, load_images
from train.evaluation import artifacts

CROPS, STEPS = "the crops themselves", 1200
SIZE, DEPTH, WIDTH, CODE, BATCH, TESTED = 64, 3, 32, 16, 64, 1000
# Upsampling, kernel size, channels after the last upsampling (0: the image),
# and whether a residual convolution follows each of the others.
DECODERS = {
    "nearest": ("nearest", 3, 0, False),
    "nearest, last convolution": ("nearest", 3, 16, False),
    "nearest, residual and last convolutions": ("nearest", 3, 16, True),
    "balanced 3×3": ("deconv_balanced", 3, 0, False),
    "balanced 4×4": ("deconv_balanced", 4, 0, False),
    "deconv 3×3": ("deconv", 3, 0, False),
    "deconv 4×4": ("deconv", 4, 0, False),
    "deconv 4×4, last convolution": ("deconv", 4, 16, False),
}
# Input pixels that a kernel sees for an output pixel, in both axes together.
TAPS = {
    ("nearest", 3): 4,
    ("deconv_balanced", 3): 2.25,
    ("deconv_balanced", 4): 4,
    ("deconv", 3): 2.25,
    ("deconv", 4): 4,
}


def decoder(upsample, kernel_size, last_width, residual):
    """Returns a decoder as `models.autoencoder` has, with more convolutions."""
    side, filters = SIZE >> DEPTH, WIDTH << (DEPTH - 1)
    codes = keras.Input((side, side, CODE))
    x = PaddedConv2D(filters, 3, activation="relu")(codes)

    def enlarged(x, filters, **kwargs):
        return network_upsampler(upsample, filters, kernel_size, **kwargs)(x)

    for _ in range(DEPTH - 1):
        filters //= 2
        x = enlarged(x, filters, activation="relu")
        if residual:
            more = PaddedConv2D(filters, 3, kernel_initializer="zeros")(x)
            x = keras.layers.ReLU()(keras.layers.Add()([x, more]))
    if last_width:
        x = enlarged(x, last_width, activation="relu")
        x = PaddedConv2D(3, 3)(x)
    else:
        x = enlarged(x, 3)
    return keras.Model(codes, keras.layers.Activation("tanh")(x))


def multiplications(upsample, kernel_size, last_width, residual):
    """Returns the multiplications of a decoder for a pixel of its image."""
    taps, filters = TAPS[upsample, kernel_size], WIDTH << (DEPTH - 1)
    total = 9 * CODE * filters / 4**DEPTH
    for stage in range(DEPTH - 1, 0, -1):
        filters //= 2
        inner = 2 * filters * taps + residual * 9 * filters
        total += filters * inner / 4**stage
    if last_width:
        return round(total + filters * last_width * taps + 9 * last_width * 3)
    return round(total + filters * 3 * taps)


def measure(name, seed):
    """Trains one; returns its figures."""
    images = load_images("photos", SIZE).images
    tested, learned = images[:TESTED], images[TESTED:]
    if name == CROPS:
        return {"scores": artifacts.artifact_scores(tested)}
    keras.utils.set_random_seed(seed)
    made = decoder(*DECODERS[name])
    model = Autoencoder(encoder(SIZE, 3, WIDTH, CODE, DEPTH), made)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, STEPS)
    model.compile(keras.optimizers.Adam(rate), jit_compile=False)
    start = time.process_time()
    served = batches(learned, BATCH, seed, 0, 1 + STEPS * BATCH // len(learned))
    model.fit(served.take(STEPS), shuffle=False, verbose=0)
    seconds = time.process_time() - start
    found = to_uint8(
        made.predict(
            model.encoder.predict(from_uint8(tested), verbose=0), verbose=0
        )
    )
    errors = np.square(found.astype("float64") - tested).mean(axis=(1, 2, 3))
    return {
        "psnr_db": round(float(np.mean(10 * np.log10(255**2 / errors))), 2),
        "parameters": made.count_params(),
        "multiplications": multiplications(*DECODERS[name]),
        "processor_seconds": round(seconds),
        "scores": artifacts.artifact_scores(found),
    }


def main():
    """Measures what is missing of the decoders named, or of all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    cells.add_arguments(parser, [CROPS, *DECODERS])
    settings = {"steps": STEPS}
    given = parser.parse_args()
    cells.measure_missing(__spec__.name, given, settings, measure)


if __name__ == "__main__":
    main()
