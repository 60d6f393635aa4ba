"""Measures trained generators that come with this package again.

    python -m train.ship.rescore
    python -m train.ship.rescore dcgan_shapes64_nearest
    python -m docs.draw_cards

For when a measure changes. Each is sampled and judged as at the end of its
training, with the settings of the command in models/pretrained/index.json,
which receives the new scores; networks and their other entries stay. The
folders that a command names, such as cifar10/test, must lie in the current one.
Status: 0 done, 2 unusable arguments.
"""

import importlib
import shlex
import sys

import models.stylegan2  # noqa: F401  registers its layers
from tfupsample.images.arrays import to_uint8
from tfupsample.model_files.atomic import write_json
from tfupsample.pretrained.load import load_pretrained
from tfupsample.pretrained.runs import read_json
from train.data import load_images
from train.engine.command import argument_parser
from train.engine.command_line import parse
from train.evaluation import artifacts
from train.evaluation.distances import judge
from train.evaluation.gan import add_distances
from train.ship import PLACE


def rescored(name, entry):
    """Returns the scores of an entry of the index, measured again.

    Args:
        name: The name of a generator.
        entry: What the index says of it.
    """
    config = config_of(entry)
    where = config.dataset, config.image_size, config.data_dir
    judged, real = judge(config, load_images(*where, config.max_images).images)
    network = load_pretrained(name, kind="keras")
    made = to_uint8(artifacts.samples(network, config.samples))
    images = {"training images": real, "trained": made}
    scores = {n: artifacts.artifact_scores(x) for n, x in images.items()}
    add_distances(scores, judged, images)
    return entry["scores"] | scores


def config_of(entry):
    """Returns the config of the command that trained an entry."""
    trainer, *flags = shlex.split(entry["training"]["command"])[2:]
    config = importlib.import_module(trainer).Config
    return parse(config, [trainer, *flags], "")


def main():
    """Runs the command; returns its status."""
    parser = argument_parser("ship.rescore", __doc__)
    parser.add_argument("names", nargs="*", help="generators (default: all)")
    names = parser.parse_args().names
    index = read_json(PLACE / "index.json")
    entries = index["models"]
    generators = [n for n, e in entries.items() if e["kind"] == "generator"]
    for unknown in set(names) - {*generators}:
        print(f"{unknown} is none of {', '.join(generators)}.", file=sys.stderr)
        return 2
    for name in names or generators:
        entries[name]["scores"] = rescored(name, entries[name])
        write_json(PLACE / "index.json", index)
        print(f"Scores:  {name}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
