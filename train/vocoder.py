r"""Trains a vocoder, which turns mel frames into sound.

    python -m train.vocoder --upsample=nearest
    python -m train.vocoder --upsample=deconv --epochs=40

It learns from voices that are made here: buzzes that glide in pitch, through
formants that glide too. The loss compares spectrograms at three resolutions;
there is no discriminator.

The run directory (--workdir) receives the settings, the metrics, spectrograms
of real and generated test sounds for each epoch, and checkpoints. At the end it
receives the distance of the spectrograms and the prominence of the lines at
multiples of rate / samples per frame in scores.json, four generated sounds
beside the real ones as WAV files, a SavedModel and vocoder.keras. Run the same
command again to resume.
"""

import dataclasses
import functools

import keras
import numpy as np
from scipy.io import wavfile

from models.vocoder import UPSAMPLERS_1D, SpectrogramLoss, vocoder
from tfupsample.arguments import PAD_MODES
from train.data.sounds import sound_batches
from train.data.voices import RATE, SPLITS, mel_frames, voices
from train.engine.config import BasicConfig
from train.engine.main import main
from train.engine.optimizer import OptimizerConfig
from train.engine.options import UsageError, option, usage_errors
from train.engine.run import Run
from train.engine.schedule import schedule_option
from train.evaluation.vocoder import (
    spectral_distance_db,
    spectrograms,
    whistle,
)
from train.networks.load import InitConfig, initialise
from train.networks.weights import in_float32
from train.networks.write import export

FACTORS = (8, 4, 2)
HOP = 64  # the product of the factors
TEST_FRAMES = 256  # of each test sound: shorter ones say little about lines
SHOWN = 4


@dataclasses.dataclass(frozen=True)
class Config(InitConfig, OptimizerConfig, BasicConfig):
    """Settings of `python -m train.vocoder`."""

    dataset: str = option("voices", "voices (made here).", ("voices",))
    upsample: str = option(
        "nearest", "How the network upsamples.", (*UPSAMPLERS_1D,)
    )
    pad_mode: str = option(
        "symmetric", "What kernels see beyond the border.", PAD_MODES
    )
    batch_size: int = option(8, "Sounds per step.", least=1, most=400)
    frames: int = option(
        128,
        "Frames of each sound to learn from, of 64 samples.",
        least=32,
        most=4096,
    )
    bands: int = option(40, "Mel bands.", least=1, most=128)
    width: int = option(
        64, "Channels before the first upsampling.", least=1, most=4096
    )
    max_sounds: int = option(
        0, "Use at most this many sounds of each split; 0: all."
    )
    learning_rate: float = option(2e-3, "Largest learning rate of Adam.")
    schedule: str = schedule_option("cosine")


def load(config, split, length):
    """Returns the frames and the waves of a split, `length` frames each."""
    count = min(SPLITS[split], config.max_sounds or SPLITS[split])
    waves = voices(split, count, length * HOP)
    return mel_frames(waves, HOP, config.bands), waves


def build(config, steps=1):
    """Returns the compiled vocoder of a config, its weights seeded.

    Args:
        config: The settings.
        steps: Number of steps of the whole training, for its schedule.

    Raises:
        UsageError: if the network refuses a setting.
    """
    keras.utils.set_random_seed(config.seed)
    with usage_errors():
        model = vocoder(
            config.bands,
            config.width,
            FACTORS,
            config.upsample,
            config.pad_mode,
        )
    rate = config.scheduled(config.learning_rate, steps)
    model.compile(
        keras.optimizers.Adam(rate, **config.gradient_arguments()),
        SpectrogramLoss(),
        jit_compile=config.jit_compile,
    )
    return model


def speak(network, frames):
    """Returns the waves `(count, samples)` that a network makes of frames."""
    return network.predict(frames, batch_size=16, verbose=0)[..., 0]


def scores_of(real, made):
    """Returns what the waves of real and generated sounds are like."""
    return {
        "spectral_distance_db": spectral_distance_db(real, made),
        "real": whistle(real, RATE, HOP),
        "generated": whistle(made, RATE, HOP),
    }


def train(config):
    """Trains into `config.workdir`; resumes from a checkpoint found there.

    Args:
        config: The settings.
    """
    run = Run("vocoder", config)
    frames, waves = load(config, "train", config.frames)
    test_frames, test_waves = load(config, "test", TEST_FRAMES)
    steps = len(waves) // config.batch_size
    if not steps:
        raise UsageError(
            f"--batch_size must be at most the number of sounds, {len(waves)}. "
            f"Received: {config.batch_size}"
        )
    model = build(config, steps * config.epochs)
    initialise(model, config)
    run.expect_pictures(waves)

    def sample():
        made = speak(model, test_frames[:SHOWN])
        pairs = [spectrograms(test_waves[:SHOWN]), spectrograms(made)]
        return np.concatenate(pairs, axis=1)

    batches = functools.partial(
        sound_batches, frames, waves, config.batch_size, config.seed
    )
    run.fit_dataset(model, batches, steps, sample)
    _finish(run, in_float32(model), test_frames, test_waves)


def _finish(run, network, frames, waves):
    """Writes and prints what the network reaches, and exports it."""
    made = speak(network, frames)
    scores = scores_of(waves, made)
    run.write("scores.json", scores)
    for index in range(min(SHOWN, len(made))):
        for kind, sound in (("real", waves), ("generated", made)):
            path = run.path / f"{kind}_{index}.wav"
            wavfile.write(path, RATE, sound[index].astype("float32"))
    saved_model, path = export(network, run.path, "vocoder")
    print(
        f"\nSpectral distance of {len(made)} test sounds: "
        f"{scores['spectral_distance_db']:.2f} dB\n"
        f"Lines at multiples of {RATE / HOP:.0f} Hz: "
        f"{scores['generated']['prominence_db']:.1f} dB, in the real sounds "
        f"{scores['real']['prominence_db']:.1f} dB\n"
        f"Scores:       {run.path / 'scores.json'}\n"
        f"SavedModel:   {saved_model}\n"
        f"Keras model:  {path}"
    )


if __name__ == "__main__":
    main(Config, train, __doc__)
