"""What the trainers of all GANs share: one run from data to export."""

from train import evaluate
from train.config import usage_errors
from train.data import load_images
from train.distances import distance_table, judge
from train.export import finish
from train.init_from import initialise
from train.run import Run


def train_gan(trainer, config, build):
    """Trains, samples, measures and exports a `GAN` of any networks.

    Args:
        trainer: Name of the entry point.
        config: Its settings, with those of `DistanceConfig`.
        build: Function of the config and the channels of the images; returns
            the compiled and built model.
    """
    run = Run(trainer, config)
    images = load_images(
        config.dataset, config.image_size, config.data_dir, config.max_images
    ).images
    judged, real = judge(config, images)
    model = build(config, images.shape[-1])
    initialise(model.generator, config)
    model.restart_averages()
    network = model.averaged_generator()
    with usage_errors():  # of images too small to be scored
        scores = {"training images": evaluate.artifact_scores(real)}
    scores["untrained"] = evaluate.artifact_scores(evaluate.samples(network))

    def sample():
        model.copy_averages(network)
        return evaluate.samples(network, 64, config.seed)

    run.fit(model, images, sample)
    model.copy_averages(network)
    samples = evaluate.samples(network)
    scores["trained"] = evaluate.artifact_scores(samples)
    measured = {
        "training images": judged.distances(real / 127.5 - 1),
        "trained": judged.distances(samples),
    }
    for name, row in measured.items():
        scores[name]["distances"] = row
    print(f"\n{distance_table(measured)}")
    finish(run, network, "generator", samples[:64], scores)
