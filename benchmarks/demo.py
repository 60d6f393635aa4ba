"""What `make demo` reaches: its command, as it stands in the Makefile.

    TF_ENABLE_ONEDNN_OPTS=1 python -m benchmarks.demo --seeds 0 1 2

In one thread each. Results go to `results/demo.json`: what the trainer wrote to
`scores.json`, and the seconds of the steps. `cells.py` says how to resume.
"""

import argparse
import dataclasses
import pathlib
import shlex

from benchmarks import cells
from benchmarks.dcgan_upsamplers import reached
from train import dcgan
from train.engine.command_line import parse

MAKEFILE = pathlib.Path(__file__).parent.parent / "Makefile"


def command():
    """Returns the words of the command of `make demo`."""
    _, _, rule = MAKEFILE.read_text().partition("\ndemo:")
    recipe = rule.partition("\n\n")[0].partition("\n\t")[2]
    return shlex.split(recipe.replace("\\\n", " "))


def measure(name, seed):
    """Trains as the demo does; returns what it reaches."""
    run = pathlib.Path(f"runs/{name}/{name}-{seed}")
    config = parse(dcgan.Config, command()[2:], "")
    config = dataclasses.replace(config, seed=seed, workdir=str(run))
    dcgan.train(config)
    return reached(run, config.batch_size)


def main():
    """Measures the seeds that are missing."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    cells.add_arguments(parser, ["demo"])
    given = parser.parse_args()
    settings = {"command": " ".join(command()[1:])}
    cells.measure_missing(__spec__.name, given, settings, measure)


if __name__ == "__main__":
    main()
