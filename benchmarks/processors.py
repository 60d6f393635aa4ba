"""What oneDNN gives or takes: style transfer of a picture, a step of DCGAN.

    python -m benchmarks.processors [before=FOLDER]

Each setting of TF_ENABLE_ONEDNN_OPTS has processes of its own, as TensorFlow
reads it once; they take turns. Style transfer is that of one picture of 512
pixels a side at width 32, a step of DCGAN that of `benchmarks.training_step`.
With `before=FOLDER` another checkout of this project is measured beside.
"""

import json
import os
import pathlib
import subprocess
import sys
import time

import numpy as np

SIDE, STYLE_WIDTH = 512, 32
BATCH, IMAGE_SIZE, DCGAN_WIDTH = 64, 64, 32
ROUNDS, REPEATS = 3, 5
SETTINGS = {"off": "0", "on": "1"}


def style_transfer():
    """Returns a function that stylises a picture."""
    from models.style_transfer import network
    from models.tiled_style_transfer import stylise

    model = network(2, width=STYLE_WIDTH)
    image = np.random.default_rng(0).uniform(-1, 1, (SIDE, SIDE, 3))
    return lambda: stylise(model, image.astype("float32"), np.array([0.5, 0.5]))


def dcgan_step():
    """Returns a function that trains a DCGAN on one batch."""
    from models import dcgan
    from models.gan import GAN

    model = GAN(
        dcgan.generator(IMAGE_SIZE, width=DCGAN_WIDTH, upsample="nearest"),
        dcgan.discriminator(IMAGE_SIZE, width=DCGAN_WIDTH),
    )
    model.compile_adam(jit_compile=False)
    shape = (BATCH, IMAGE_SIZE, IMAGE_SIZE, 3)
    images = np.random.default_rng(0).uniform(-1, 1, shape).astype("float32")
    return lambda: model.train_on_batch(images)


WORK = {"style_transfer": style_transfer, "dcgan_step": dcgan_step}


def milliseconds(work):
    """Returns how long `REPEATS` runs took, after one that compiles."""
    run, times = work(), []
    for _ in range(REPEATS + 1):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1e3)
    return times[1:]


def measured_in(folder, setting):
    """Returns `{name: milliseconds of each run}` from a process of its own.

    Args:
        folder: Checkout whose code runs.
        setting: The value of `TF_ENABLE_ONEDNN_OPTS`.
    """
    process = subprocess.run(
        [sys.executable, "-P", __file__, "--measure"],
        env=os.environ
        | {"PYTHONPATH": str(folder), "TF_ENABLE_ONEDNN_OPTS": setting},
        cwd=folder,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return json.loads(process.stdout.splitlines()[-1])


def main(arguments):
    """Prints and writes the medians of each checkout and setting."""
    from benchmarks import timing

    checkouts = {"after": pathlib.Path(__file__).resolve().parents[1]}
    checkouts |= dict(argument.split("=", 1) for argument in arguments)
    times = {}
    for _ in range(ROUNDS):
        for name, folder in checkouts.items():
            for setting, value in SETTINGS.items():
                for work, values in measured_in(folder, value).items():
                    row = (work, name, f"oneDNN {setting}")
                    times.setdefault(row, []).extend(values)
    rows = {
        ", ".join(row): timing.summary(np.array(values))
        for row, values in times.items()
    }
    for name, row in rows.items():
        print(f"{name:36}", row)
    load = {"load_average": [round(n, 1) for n in os.getloadavg()]}
    print(timing.write("processors", load | {"rows": rows}))


if __name__ == "__main__":
    if sys.argv[1:] == ["--measure"]:
        print(json.dumps({n: milliseconds(w) for n, w in WORK.items()}))
    else:
        main(sys.argv[1:])
