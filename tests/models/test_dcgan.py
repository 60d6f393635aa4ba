import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import config_pb2
from tensorflow.python.grappler import tf_optimizer

from models import dcgan
from models.gan import GAN
from tfupsample import UPSAMPLERS


def toy(image_size=16, **kwargs):
    return GAN(
        dcgan.generator(image_size, 3, 8, 4),
        dcgan.discriminator(image_size, 3, 4),
        **kwargs,
    )


def networks(model):
    return model.generator, model.discriminator


@pytest.fixture
def images(rng):
    return rng.uniform(-1, 1, size=(12, 16, 16, 3)).astype("float32")


@pytest.mark.parametrize("image_size", [32, 64, 128])
@pytest.mark.parametrize("stem", dcgan.DISCRIMINATOR_STEMS)
def test_networks_have_the_promised_shapes(image_size, stem):
    generator = dcgan.generator(image_size, 1, 10, 2)
    discriminator = dcgan.discriminator(image_size, 1, 2, stem)
    images = generator(np.zeros((3, 10), "float32"))
    assert images.shape == (3, image_size, image_size, 1)
    assert discriminator(images).shape == (3, 1)


@pytest.mark.parametrize("normalisation", dcgan.NORMALISATIONS)
def test_without_normalisation_images_are_judged_apart(images, normalisation):
    network = dcgan.discriminator(16, width=2, normalisation=normalisation)
    together = network(images, training=True)[:4]
    apart = network(images[:4], training=True)
    same = np.allclose(together, apart, rtol=1e-4, atol=1e-6)
    assert same == (normalisation == "none")


@pytest.mark.parametrize("upsample", [*UPSAMPLERS, "deconv,nearest"])
def test_generator_takes_any_upsampler(upsample):
    generator = dcgan.generator(16, 3, 8, 4, upsample, 5)
    images = generator(np.ones((2, 8), "float32")).numpy()
    assert images.shape == (2, 16, 16, 3)
    assert np.abs(images).max() <= 1


def test_channels_halve_from_stage_to_stage():
    generator = dcgan.generator(64, width=5)
    filters = [x.filters for x in generator.layers if hasattr(x, "filters")]
    assert filters == [20, 10, 5, 3]


def test_one_more_convolution_makes_the_image_of_the_upsampled():
    generator = dcgan.generator(16, 1, 8, 4, last_width=6)
    *_, upsampling, last = [
        layer for layer in generator.layers if hasattr(layer, "filters")
    ]
    assert (upsampling.filters, last.filters, last.strides) == (6, 1, (1, 1))
    assert upsampling.output.shape == (None, 16, 16, 6)
    assert generator.output_shape == (None, 16, 16, 1)


def two_tape_step(model, images, latents, optimizers):
    """The step of a GAN as textbooks write it: a tape for each network."""
    generator, discriminator = model.generator, model.discriminator

    def cross_entropy(logits, target):
        return tf.reduce_mean(
            tf.nn.sigmoid_cross_entropy_with_logits(
                tf.fill(tf.shape(logits), target), logits
            )
        )

    with tf.GradientTape() as of_generator, tf.GradientTape() as of_other:
        fakes = generator(latents, training=True)
        real = discriminator(images, training=True)
        fake = discriminator(fakes, training=True)
        generator_loss = cross_entropy(fake, 1.0)
        other_loss = cross_entropy(real, 1.0) + cross_entropy(fake, 0.0)
    for network, tape, loss, optimizer in (
        (generator, of_generator, generator_loss, optimizers[0]),
        (discriminator, of_other, other_loss, optimizers[1]),
    ):
        variables = [v.value for v in network.trainable_variables]
        gradients = tape.gradient(loss, variables)
        optimizer.apply(gradients, network.trainable_variables)


@pytest.mark.slow
@pytest.mark.parametrize("jit_compile", [False, True])
def test_fit_equals_the_textbook_step(images, jit_compile):
    """One loss for both networks gives each its own gradient."""
    images = images[:, ::2, ::2]  # fewer layers to compile
    model, textbook = toy(8, seed=3), toy(8)
    textbook.set_weights(model.get_weights())
    model.compile_adam(1e-2, 2e-2, jit_compile=jit_compile)
    model.fit(images, batch_size=4, shuffle=False, verbose=0)

    seed = keras.random.SeedGenerator(3)
    draw = tf.function(  # XLA draws other numbers from the same seed
        lambda: keras.random.normal((4, 8), seed=seed), jit_compile=jit_compile
    )
    optimizers = [keras.optimizers.Adam(rate, 0.5) for rate in (1e-2, 2e-2)]
    for first in range(0, 12, 4):
        two_tape_step(textbook, images[first : first + 4], draw(), optimizers)
    for actual, expected in zip(networks(model), networks(textbook)):
        for a, b in zip(actual.weights, expected.weights):
            # Adam enlarges rounding where gradients are small.
            np.testing.assert_allclose(a, b, atol=1e-3, err_msg=a.path)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("frozen", ["generator", "discriminator"])
def test_each_network_has_its_own_optimizer(images, frozen):
    """A learning rate of zero leaves one network as it was, and only one."""
    model = toy()
    rates = {"generator": 0.1, "discriminator": 0.1, frozen: 0.0}
    model.compile_adam(rates["generator"], rates["discriminator"])
    before = [
        [v.numpy() for v in network.trainable_variables]
        for network in networks(model)
    ]
    model.fit(images, batch_size=4, verbose=0)
    for network, weights in zip(networks(model), before):
        moved = max(
            np.abs(a - b).max()
            for a, b in zip(weights, network.trainable_variables)
        )
        assert (moved == 0) == (network.name == frozen)


@pytest.mark.usefixtures("eager")
def test_an_image_loss_reaches_the_generator_alone(images):
    """One step with and without it, from the same weights and latents."""
    plain = toy(momentum=0, seed=3)
    more = toy(
        momentum=0,
        seed=3,
        image_loss=lambda real, made: keras.ops.mean((made - 0.9) ** 2),
    )
    more.set_weights(plain.get_weights())
    for model in (plain, more):
        model.compile(keras.optimizers.SGD(1e-2))
        model.fit(images, batch_size=12, verbose=0)
    for first, second in zip(networks(plain), networks(more)):
        moved = max(
            np.abs(a - b).max()
            for a, b in zip(
                first.trainable_variables, second.trainable_variables
            )
        )
        assert (moved > 1e-6) == (first.name == "generator")


def test_a_variable_without_owner_is_refused():
    model = toy()
    model.stray = model.add_weight(shape=(1,), name="stray")
    with pytest.raises(ValueError, match="belong to one network"):
        model.compile_adam()


@pytest.fixture
def policy(request):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(request.param)
    yield
    keras.config.set_dtype_policy(before)


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"], indirect=True)
@pytest.mark.usefixtures("policy", "eager")
def test_averages_follow_the_weights(images):
    model = toy(momentum=0.9)
    model.compile_adam(1e-2)
    start = [v.numpy() for v in model.generator.trainable_variables]
    model.fit(images, batch_size=12, verbose=0)  # averaged before the update
    for average, weight in zip(model.averages, start):
        np.testing.assert_allclose(average, weight, atol=1e-6)
    now = [v.numpy() for v in model.generator.trainable_variables]
    model.fit(images, batch_size=12, verbose=0)
    network = model.averaged_generator()
    momentum = 2 / 12  # the second update
    for average, a, b in zip(network.trainable_variables, start, now):
        expected = momentum * a + (1 - momentum) * b
        np.testing.assert_allclose(average, expected, atol=1e-6)


def test_averages_bear_the_names_of_the_weights():
    """Checkpoints know them by their names, not by their places."""
    model = toy(momentum=0.9)
    weights = model.generator.trainable_variables
    names = [average.name for average in model.averages]
    assert names == [f"average_{w.path.replace('/', '_')}" for w in weights]


@pytest.mark.usefixtures("eager")
def test_averages_have_statistics_of_their_own(images, rng):
    """Images are what they are where each batch has its own statistics."""
    model = toy()
    model.compile_adam(1e-2)
    model.fit(images, batch_size=12, verbose=0)
    for average in model.averages:  # as far from the weights as can be
        average.assign(rng.normal(size=average.shape, scale=0.3))
    network = model.averaged_generator()
    latents = rng.normal(size=(2048, *network.input_shape[1:]))
    expected = np.asarray(network(latents, training=True))
    found = np.asarray(network(latents, training=False))
    assert np.abs(found - expected).mean() < 0.03 * expected.std()


def test_two_replicas_share_the_loss(images, rng):
    """tf.distribute adds up gradients, so each replica gives its share."""
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    with strategy.scope():
        model = toy()
        model.compile_adam()
    logits = {
        name: tf.constant(rng.normal(size=(6, 1)), "float32")
        for name in ("real", "fake", "fooled")
    }
    shares = strategy.run(lambda: model.compute_loss(None, None, logits))
    total = strategy.reduce("SUM", shares, axis=None)
    expected = toy().compute_loss(None, None, logits)
    np.testing.assert_allclose(total, expected, rtol=1e-6)


def test_two_replicas_stay_equal(images):
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    with strategy.scope():
        model = toy(8)
        model.compile_adam()
    before = model.generator.get_weights()
    model.fit(images[:, ::2, ::2], batch_size=12, verbose=0)
    assert np.abs(before[0] - model.generator.get_weights()[0]).max() > 0
    for variable in model.trainable_variables:
        one, two = strategy.experimental_local_results(variable.value)
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: dcgan.generator(48), "`image_size` must be 4 times a power"),
        (lambda: dcgan.generator(4), "at least 8.*Received: 4"),
        (lambda: dcgan.generator(32, last_width=-1), "`last_width` must be"),
        (lambda: dcgan.generator(32, upsample="zoom"), "`upsample` must be"),
        (lambda: dcgan.generator(32, upsample="nearest,deconv"), "or 3"),
        (lambda: dcgan.generator(32, pad_mode="zero"), "`pad_mode` must be"),
        (lambda: dcgan.discriminator(32, stem="odd"), "`stem` must be one of"),
        (
            lambda: dcgan.discriminator(32, normalisation="layer"),
            "`normalisation` must be one of",
        ),
    ],
)
def test_wrong_arguments_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def optimised(graph):
    """Returns what TensorFlow makes of a graph before it runs, as GraphDef."""
    with tf.Graph().as_default() as copy:
        tf.import_graph_def(graph.as_graph_def(), name="")
        for y in graph.outputs:
            copy.add_to_collection("train_op", copy.get_tensor_by_name(y.name))
        description = tf.compat.v1.train.export_meta_graph(graph=copy)
    config = config_pb2.ConfigProto()
    config.graph_options.rewrite_options.min_graph_nodes = -1
    return tf_optimizer.OptimizeGraph(config, description)


def test_the_second_look_at_fakes_costs_no_pass_forward(images):
    """TensorFlow sees that it computes what the first does."""
    model = toy()
    step = tf.function(lambda x: model(x, training=True))
    graph = step.get_concrete_function(tf.constant(images)).graph
    before, after = (
        sum(node.op == "Conv2D" for node in definition.node)
        for definition in (graph.as_graph_def(), optimised(graph))
    )
    _, discriminator = networks(model)
    looks = [x for x in discriminator.layers if hasattr(x, "kernel_size")]
    assert before - after == len(looks)
