"""Style transfer: upsamplings, features, speed, and a finished training.

    python -m benchmarks.style_transfer --parts=speed
    python -m benchmarks.style_transfer --styles=PAINTINGS --photos=PHOTOGRAPHS
        --classifier=RUN/classifier.keras --run=RUN
        --pictures=docs/style_transfer

Each part replaces its entry of results/style_transfer.json:

upsamplings  short trainings that differ in the upsampling: artifact scores
features     one photograph in the first style, pixel by pixel, by each feature
             network that can be had: losses as each network sees each picture
speed        pictures of 512 pixels a second
run          time, steps and scores of the finished training in --run, and a
             photograph in each of its styles and a blend
"""

import argparse
import json
import pathlib
import tempfile
import time

import keras
import numpy as np
import tensorflow as tf
from PIL import Image
from skimage import data

from benchmarks import timing
from models import perceptual, style_transfer
from models.tiled_style_transfer import stylise
from tfupsample.images import arrays
from tfupsample.images.files import save_image
from tfupsample.model_files.atomic import write_json
from tfupsample.model_files.loading import load_keras
from train import style_transfer as trainer
from train.data.styles import load_styles

UPSAMPLINGS = {
    "nearest 3x3": ("nearest", 3),
    "deconv 3x3": ("deconv", 3),
    "deconv 4x4": ("deconv", 4),
}
STEPS = 200  # of each training
PIXEL_STEPS, PIXEL_RATE, SHORTER = 120, 0.04, 192
BLEND = np.array([0.5, 0.5])  # of the first two styles
RESULTS = timing.RESULTS / "style_transfer.json"


def upsamplings(arguments):
    """Trains with each upsampling; returns scores, seconds and losses."""
    rows = {}
    for name, (upsample, kernel_size) in UPSAMPLINGS.items():
        with tempfile.TemporaryDirectory() as folder:
            config = trainer.Config(
                workdir=folder,
                dataset="folder",
                data_dir=arguments.photos,
                styles=arguments.styles,
                features="classifier",
                classifier=arguments.classifier,
                upsample=upsample,
                kernel_size=kernel_size,
                image_size=128,
                style_size=256,
                width=16,
                blocks=3,
                steps=STEPS,
                epochs=1,
                learning_rate=2e-3,
                precision="mixed_bfloat16",
            )
            keras.config.set_dtype_policy(config.precision)
            trainer.train(config)
            keras.config.set_dtype_policy("float32")
            rows[name] = finished(folder)
            if arguments.pictures:
                sheet = Image.open(pathlib.Path(folder) / "samples.png")
                save(sheet, arguments, f"{upsample}_{kernel_size}.jpg")
    return {"steps": STEPS, "image_size": 128, "rows": rows}


def finished(folder):
    """Returns what a finished training left: steps, seconds, losses, scores."""
    folder = pathlib.Path(folder)
    epochs = [
        json.loads(line)
        for line in (folder / "metrics.jsonl").read_text().splitlines()
    ]
    config = json.loads((folder / "config.json").read_text())["config"]
    images = config["steps"] * config["batch_size"]
    seconds = sum(images / epoch["images_per_second"] for epoch in epochs)
    kept = ("image_size", "batch_size", "width", "blocks", "precision")
    return {
        "steps": epochs[-1]["step"],
        "seconds": round(seconds),
        "settings": {name: config[name] for name in kept},
        "losses": {name: epochs[-1][name] for name in perceptual.TERMS},
        "scores": json.loads((folder / "scores.json").read_text()),
    }


def run(arguments):
    """Returns what the training in `--run` left; paints a photograph by it."""
    if arguments.pictures:
        folder = pathlib.Path(arguments.run)
        network = load_keras(folder / "style_transfer.keras")
        names = json.loads((folder / "styles.json").read_text())
        shares = [*np.eye(len(names)), BLEND @ np.eye(len(names))[:2]]
        image = photograph(160)
        painted = [image, *(stylise(network, image, s) for s in shares)]
        sheet = arrays.grid(arrays.to_uint8(painted), 5)
        save(arrays.picture(sheet), arguments, "sheet.jpg")
    return finished(arguments.run)


def photograph(shorter):
    """Returns a photograph, `(height, width, 3)` in [-1, 1]."""
    whole = Image.fromarray(data.chelsea())
    sides = [round(n * shorter / min(whole.size)) for n in whole.size]
    return arrays.from_uint8(whole.resize(sides))


def feature_networks(arguments):
    """Returns the feature networks that can be had, by name."""
    networks = {"multiscale": perceptual.multiscale()}
    if arguments.classifier:
        model = load_keras(arguments.classifier)
        networks["classifier"] = perceptual.classifier(model)
    if arguments.vgg_weights:
        networks["vgg19"] = perceptual.vgg19(arguments.vgg_weights)
    return networks


def features(arguments):
    """Paints one photograph by each feature network; compares the pictures."""
    name, style = next(iter(load_styles(arguments.styles, 256).items()))
    image = photograph(SHORTER)[None]
    losses = {
        key: perceptual.PerceptualLoss(network, [style], 1.0, 1.0, 0.0)
        for key, network in feature_networks(arguments).items()
    }
    painted, rows = [image], {}
    for key, loss in losses.items():
        begin = time.perf_counter()
        painted.append(by_pixels(loss, image))
        rows[key] = {"seconds": round(time.perf_counter() - begin, 1)}
    for key, picture in zip(["photograph", *rows], painted):
        rows.setdefault(key, {})["seen by"] = {
            seer: terms(loss, image, picture) for seer, loss in losses.items()
        }
    painted = arrays.to_uint8(np.concatenate(painted))
    sheet = arrays.grid(painted, len(painted))
    if arguments.pictures:
        save(arrays.picture(sheet), arguments, "features.jpg")
    return {"style": name, "steps": PIXEL_STEPS, "rows": rows}


def by_pixels(loss, image):
    """Returns the images, their pixels changed until the loss is small."""
    picture = tf.Variable(image)
    adam = keras.optimizers.Adam(PIXEL_RATE)
    adam.build([picture])

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            shown = tf.identity(picture)
            total = sum(loss(image, shown, tf.constant([0])).values())
        adam.apply([tape.gradient(total, picture)], [picture])
        picture.assign(tf.clip_by_value(picture, -1, 1))

    for _ in range(PIXEL_STEPS):
        step()
    return picture.numpy()


def terms(loss, image, picture):
    """Returns content and style of a picture as one feature network sees it."""
    values = loss(image, picture, np.array([0]))
    return {
        name: round(float(values[name]), 4) for name in ("content", "style")
    }


def speed(arguments):
    """Times the network on a picture of 512 pixels a side."""
    del arguments
    image = tf.random.uniform((1, 512, 512, 3), -1, 1)
    shares = tf.constant([[0.5, 0.5]])
    functions = {}
    for width in (16, 32):
        for precision in ("float32", "mixed_bfloat16"):
            keras.config.set_dtype_policy(precision)
            network = style_transfer.network(2, width)
            call = tf.function(lambda x, s, network=network: network([x, s]))
            functions[f"width {width}, {precision}"] = lambda call=call: call(
                image, shares
            ).numpy()
    keras.config.set_dtype_policy("float32")
    times = timing.interleaved(functions, 10)
    return {
        name: {
            **timing.summary(values),
            "pictures_per_second": round(1e3 / float(np.median(values)), 2),
        }
        for name, values in times.items()
    }


def save(picture, arguments, name):
    """Writes a picture of the documentation."""
    folder = pathlib.Path(arguments.pictures)
    folder.mkdir(exist_ok=True)
    save_image(folder / name, picture, quality=85, optimize=True)


PARTS = {
    "upsamplings": upsamplings,
    "features": features,
    "speed": speed,
    "run": run,
}


def main():
    """Runs the parts and puts them into the results."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--parts", default=",".join(PARTS))
    for name in ("styles", "photos", "classifier", "vgg_weights"):
        parser.add_argument(f"--{name}", default="")
    parser.add_argument("--run", default="")
    parser.add_argument("--pictures", default="")
    arguments = parser.parse_args()
    for part in arguments.parts.split(","):
        write(part, PARTS[part](arguments))


def write(part, result):
    """Replaces one part of the results, with what it depends on."""
    old = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    entry = {**timing.metadata(), **result}
    write_json(RESULTS, {**old, part: entry})
    print(part, json.dumps(result))


if __name__ == "__main__":
    main()
