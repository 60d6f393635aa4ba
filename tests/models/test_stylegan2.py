"""Layers, networks and penalties of StyleGAN2 against their definitions."""

import keras
import numpy as np
import processes
import pytest
import reference
import tensorflow as tf

from models import stylegan2
from models.stylegan2 import layers
from tfupsample import UPSAMPLERS, PaddedConv2D, make_upsampler
from tfupsample.layers.content_aware_conv import RESAMPLINGS

PLAIN = {"use_bias": False}
PAD = ("symmetric", "symmetric")


def toy(generator_of=None, **kwargs):
    return stylegan2.StyleGAN2(
        generator_of or stylegan2.generator(8, 3, 6, 2, 4),
        stylegan2.discriminator(8, 3, 2, 4),
        **kwargs,
    )


@pytest.fixture
def images(rng):
    return rng.uniform(-1, 1, size=(6, 8, 8, 3)).astype("float32")


def modulated(convolution, rng, **kwargs):
    """The layer, its input, and its styles, which are no longer all ones."""
    layer = layers.Modulated(convolution, **kwargs)
    x = rng.normal(size=(3, 5, 4, 2)).astype("float32")
    latents = rng.normal(size=(3, 6)).astype("float32")
    layer([x, latents])
    affine = layer.affine
    weights = affine.kernel.numpy() / np.sqrt(6)
    return layer, x, latents, latents @ weights + affine.bias.numpy()


ORACLES = {
    "padded": (
        lambda: PaddedConv2D(4, 3, **PLAIN),
        lambda x, k: reference.padded_conv(x, k, (1, 1), PAD, (1, 1)),
    ),
    "nearest": (
        lambda: make_upsampler("nearest", 4, **PLAIN),
        lambda x, k: reference.resize_conv(x, k, (2, 2), "nearest", PAD),
    ),
    "filtered": (
        lambda: make_upsampler("filtered", 4, **PLAIN),
        lambda x, k: reference.filtered_conv_transpose(x, k, (2, 2), PAD),
    ),
}


@pytest.mark.parametrize("deviation", [None, 1.0, 2**0.5])
@pytest.mark.parametrize("name", ORACLES)
def test_modulation_equals_a_kernel_for_each_image(rng, name, deviation):
    make, oracle = ORACLES[name]
    layer, x, latents, styles = modulated(make(), rng, deviation=deviation)
    layer.bias.assign([1.0, 2.0, 3.0, 4.0])
    kernel = layer.convolution.kernel.numpy()
    for i, y in enumerate(layer([x, latents]).numpy()):
        own = kernel * styles[i][:, None]
        if deviation is None:
            own = own / np.sqrt(2 * 9)
        else:
            norms = np.sqrt(np.square(own).sum(axis=(0, 1, 2)))
            own = own * deviation / norms
        expected = oracle(x[i : i + 1], own)[0] + [1, 2, 3, 4]
        np.testing.assert_allclose(y, expected, atol=1e-5)


@pytest.mark.parametrize("name", RESAMPLINGS)
def test_content_aware_upsamplers_look_at_the_scaled_input(rng, name):
    layer, x, latents, styles = modulated(
        make_upsampler(name, 4, kernel_size=3, **PLAIN), rng, deviation=None
    )
    scaled = x * styles[:, None, None] / np.sqrt(2 * 9)
    expected = layer.convolution(scaled)
    np.testing.assert_allclose(layer([x, latents]), expected, atol=1e-5)


@pytest.mark.parametrize("name", sorted(UPSAMPLERS.keys() - RESAMPLINGS))
def test_every_linear_upsampler_is_modulated_by_input_channel(rng, name):
    """Swapped axes of a transposed kernel would show here."""
    layer, x, latents, styles = modulated(
        make_upsampler(name, 4, kernel_size=3, **PLAIN), rng
    )
    plain = layer.convolution
    original = plain.kernel.numpy()
    swapped = name.startswith("deconv")
    for i, y in enumerate(layer([x, latents]).numpy()):
        scaled = original * (
            styles[i][None, :] if swapped else styles[i][:, None]
        )
        axes = (0, 1, 3) if swapped else (0, 1, 2)
        power = np.square(scaled).sum(axes).reshape(-1, 4).mean(0)
        plain.kernel.assign(scaled)
        expected = plain(x[i : i + 1])[0] * np.sqrt(2 / power)
        plain.kernel.assign(original)
        np.testing.assert_allclose(y, expected, atol=1e-4)


def test_output_has_the_promised_deviation(rng):
    layer = layers.Modulated(PaddedConv2D(8, 3, **PLAIN), 1.5)
    x = rng.normal(size=(2, 64, 64, 16))
    y = layer([x, 3 * rng.normal(size=(2, 6))]).numpy()
    np.testing.assert_allclose(y.std(axis=(1, 2)), 1.5, rtol=0.15)


def test_speed_slows_learning_and_changes_no_output(rng):
    """Adam's first step is the rate, whatever the gradient."""
    x = rng.normal(size=(4, 64)).astype("float32")
    outputs, moved = [], []
    for speed in (1.0, 0.01):
        keras.utils.set_random_seed(0)
        dense = layers.EqualizedDense(8, speed, bias=0.5)
        model = keras.Sequential([keras.Input((64,)), dense])
        outputs.append(model(x).numpy())
        model.compile(keras.optimizers.Adam(1e-3), "mse")
        model.fit(x, np.zeros((4, 8)), verbose=0)
        moved.append(np.abs(model(x) - outputs[-1]).mean())
    np.testing.assert_allclose(*outputs, atol=1e-5)
    assert moved[1] == pytest.approx(0.01 * moved[0], rel=0.05)


@pytest.mark.parametrize("noise", [True, False])
def test_noise_is_an_option(rng, noise):
    network = stylegan2.networks.synthesis(16, 3, 4, 2, 4, noise=noise)
    strengths = [w for w in network.weights if "strength" in w.path]
    assert bool(strengths) == noise
    for strength in strengths:
        strength.assign(1.0)
    styles = rng.normal(size=(1, *network.input_shape[1:]))
    twice = [network(styles, training=True).numpy() for _ in range(2)]
    assert (np.abs(twice[0] - twice[1]).max() > 1e-3) == noise


def test_noise_is_new_in_training_and_fixed_elsewhere(rng):
    layer = layers.Noise(3)
    x = rng.normal(size=(4, 8, 8, 2)).astype("float32")
    np.testing.assert_array_equal(layer(x, training=True), x)
    layer.strength.assign(2.0)
    noise = (layer(x) - x).numpy()
    np.testing.assert_array_equal(layer(x) - x, noise)
    np.testing.assert_allclose(noise, np.broadcast_to(noise[:1], x.shape), 1e-5)
    new = (layer(x, training=True) - x).numpy()
    assert np.abs(new[0] - new[1]).max() > 0.1
    np.testing.assert_allclose(new[..., 0], new[..., 1], atol=1e-5)
    assert new.std() == pytest.approx(2, rel=0.2)


def test_minibatch_deviation_is_zero_for_equal_images(rng):
    layer = layers.MinibatchDeviation()
    x = rng.normal(size=(16, 4, 4, 3)).astype("float32")
    y = layer(x).numpy()
    np.testing.assert_array_equal(y[..., :3], x)
    np.testing.assert_allclose(y[..., 3], x.std(0).mean(), rtol=1e-4)
    same = layer(np.repeat(x[:1], 5, axis=0)).numpy()
    np.testing.assert_allclose(same[..., 3], 0, atol=1e-3)


@pytest.mark.parametrize("image_size", [8, 64])
def test_networks_have_the_promised_shapes(image_size):
    generator = stylegan2.generator(image_size, 1, 6, 2, 4)
    logits = stylegan2.discriminator(image_size, 1, 2, 4)
    images = generator(np.zeros((3, 6), "float32"))
    assert images.shape == (3, image_size, image_size, 1)
    assert logits(images).shape == (3, 1)


@pytest.mark.slow
@pytest.mark.parametrize("upsample", [*UPSAMPLERS, "deconv,nearest"])
def test_generator_takes_any_upsampler_and_comes_back(tmp_path, rng, upsample):
    generator = stylegan2.generator(16, 3, 6, 2, 4, upsample, 3, "reflect")
    z = rng.normal(size=(2, 6)).astype("float32")
    images = generator(z).numpy()
    assert np.isfinite(images).all() and images.std() > 0.01
    generator.save(tmp_path / "generator.keras")
    twin = keras.saving.load_model(tmp_path / "generator.keras")
    np.testing.assert_allclose(twin(z), images, atol=1e-5)


def test_length_of_a_latent_does_not_matter(rng):
    mapping = stylegan2.mapping(6)
    z = rng.normal(size=(5, 6)).astype("float32")
    np.testing.assert_allclose(mapping(z), mapping(7 * z), atol=1e-5)


def test_mixing_takes_first_layers_of_one_and_last_of_another():
    whole = toy(mixing=0.0).styles(64).numpy()
    np.testing.assert_array_equal(whole, np.repeat(whole[:, :1], 3, axis=1))
    mixed = toy(mixing=1.0).styles(64).numpy()
    parts = [len({w.tobytes() for w in styles}) for styles in mixed]
    assert set(parts) == {2}
    middle_first = (mixed[:, 1] == mixed[:, 0]).all(-1).mean()
    assert 0.25 < middle_first < 0.75
    some = toy(mixing=0.5).styles(400).numpy()
    share = (some[:, 0] != some[:, 2]).any(-1).mean()
    assert share == pytest.approx(0.5, abs=0.1)


def test_r1_of_a_linear_discriminator_is_half_its_squared_norm(images):
    inputs = keras.Input((8, 8, 3))
    dense = keras.layers.Dense(1)
    logits = dense(keras.layers.Flatten()(inputs))
    model = toy()
    model.discriminator = keras.Model(inputs, logits)
    with tf.GradientTape() as tape:
        penalty = model.r1_penalty(images)
    kernel = dense.kernel.numpy()
    assert penalty.numpy() == pytest.approx(np.square(kernel).sum() / 2)
    gradient = tape.gradient(penalty, dense.kernel.value)
    np.testing.assert_allclose(gradient, kernel, rtol=1e-5)


def linear_generator(rng):
    """Images are one matrix times the styles of all layers."""
    latents = keras.Input((6,))
    mapped = keras.layers.Dense(6)(latents)
    mapping = keras.Model(latents, mapped, name="mapping")
    styles = keras.Input((3, 6))
    dense = keras.layers.Dense(8 * 8 * 3, use_bias=False)
    x = keras.layers.Reshape((8, 8, 3))(dense(keras.layers.Flatten()(styles)))
    synthesis = keras.Model(styles, x, name="synthesis")
    repeated = keras.layers.RepeatVector(3)(mapping(latents))
    return keras.Model(latents, synthesis(repeated)), dense.kernel.numpy()


def test_path_lengths_of_a_linear_synthesis(rng):
    generator, matrix = linear_generator(rng)
    model = toy(generator)
    noise = rng.normal(size=(5, 8, 8, 3)).astype("float32")
    styles = rng.normal(size=(5, 3, 6)).astype("float32")
    penalty, mean = model.path_penalty(styles, noise)
    gradients = (noise.reshape(5, -1) @ matrix.T).reshape(5, 3, 6) / 8
    lengths = np.sqrt(np.square(gradients).sum(-1).mean(-1))
    np.testing.assert_allclose(mean, 0.01 * lengths.mean(), rtol=1e-4)
    expected = np.square(lengths - 0.01 * lengths.mean()).mean()
    np.testing.assert_allclose(penalty, expected, rtol=1e-4)


def test_no_two_kernels_start_alike():
    kernels = [
        v.numpy().ravel()[:9]
        for v in toy().generator.trainable_variables
        if len(v.shape) == 4
    ]
    assert len({tuple(kernel) for kernel in kernels}) == len(kernels) > 3


def test_a_seed_fixes_the_weights_in_every_process():
    code = (
        "import keras; from models.stylegan2 import networks as n;"
        "keras.utils.set_random_seed(3); g = n.generator(8, 3, 6, 4, 8);"
        "print(sum(float(abs(v.numpy()).sum()) for v in g.variables))"
    )
    sums = [processes.run("-c", code).stdout for _ in range(2)]
    assert sums[0] == sums[1] != ""


def test_gradient_of_the_path_penalty_is_that_of_differences(rng):
    model = toy()
    noise = rng.normal(size=(2, 8, 8, 3)).astype("float32")
    styles = rng.normal(size=(2, 3, 6)).astype("float32")
    up = next(
        layer.convolution.kernel
        for layer in model.synthesis.layers
        if "Filtered" in type(getattr(layer, "convolution", None)).__name__
    )
    with tf.GradientTape() as tape:
        penalty, mean = model.path_penalty(styles, noise)
    gradient = tape.gradient(penalty, up.value).numpy()
    kernel, towards = up.numpy(), gradient / np.linalg.norm(gradient)
    ends = []
    for step in (1e-3, -1e-3):
        up.assign(kernel + step * towards)
        ends.append(model.path_penalty(styles, noise))
    change, moved = ((a - b).numpy() / 2e-3 for a, b in zip(*ends))
    # The mean m, here 0.01 of the mean of the lengths l, counts as a constant;
    # the derivative of the mean of (l - m)**2 by it is -2 * (100 * m - m).
    change += 2 * 99 * mean.numpy() * moved
    assert change == pytest.approx(np.linalg.norm(gradient), rel=0.02)


def test_penalties_come_when_due_and_count_for_all_steps(images):
    model = toy(r1=3.0, r1_interval=4, path_length=0.0)
    model.updates.assign(3)
    assert float(model.penalty(images)) == 0
    model.updates.assign(4)
    expected = 3 * 4 * model.r1_penalty(images).numpy()
    assert model.penalty(images).numpy() == pytest.approx(expected, rel=1e-5)
    assert toy(r1=0.0, path_length=0.0).penalty(images) == 0


def test_path_mean_moves_when_due_alone(images):
    model = toy(r1=0.0, path_interval=2)
    model.updates.assign(1)
    assert float(model.penalty(images)) == float(model.path_mean) == 0
    model.updates.assign(2)
    assert float(model.penalty(images)) > 0 and float(model.path_mean) > 0


def test_penalties_are_computed_in_every_nth_step_alone(
    images, monkeypatch, rng
):
    """Both in step 6; the first come after as many steps as between two."""
    model = toy(linear_generator(rng)[0], r1_interval=2, path_interval=3)
    model.discriminator = keras.Sequential(
        [keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(1)]
    )
    steps = {"r1_penalty": [], "path_penalty": []}

    def record(name, value):
        steps[name].append(int(model.updates))
        return value

    for name, value in zip(steps, (0.0, (0.0, model.path_mean.value))):
        monkeypatch.setattr(
            model, name, lambda *_, n=name, v=value: record(n, v)
        )
    for _ in range(6):
        made = model(images, training=True)
        model.compute_loss(images, None, made, training=True)
    assert steps == {"r1_penalty": [2, 4, 6], "path_penalty": [3, 6]}


def test_both_networks_step_at_once(images):
    """Each against the other as it was before the step."""
    generator = stylegan2.generator(8, 3, 6, 2, 4, noise=False)
    model = toy(generator, r1=0.0, path_length=0.0)
    model.compile(keras.optimizers.SGD(0.1), run_eagerly=True)
    networks = model.generator, model.discriminator
    before = [[v.numpy() for v in n.trainable_variables] for n in networks]
    seed = model.seed_generator.state.numpy()
    model.train_on_batch(images)
    after = [[v.numpy() for v in n.trainable_variables] for n in networks]
    model.seed_generator.state.assign(seed)
    for network, values in zip(networks, before):
        for variable, value in zip(network.trainable_variables, values):
            variable.assign(value)
    with tf.GradientTape(persistent=True) as tape:
        real = model.discriminator(images)
        fake = model.discriminator(model.fakes(len(images), training=True))
        fooled = tf.reduce_mean(tf.nn.softplus(-fake))
        told = tf.reduce_mean(tf.nn.softplus(fake) + tf.nn.softplus(-real))
    for network, loss, old, new in zip(networks, (fooled, told), before, after):
        variables = [v.value for v in network.trainable_variables]
        for gradient, a, b in zip(tape.gradient(loss, variables), old, new):
            np.testing.assert_allclose(b - a, -0.1 * gradient, atol=1e-6)


@pytest.mark.slow
def test_fit_trains_both_networks(images):
    model = toy(r1_interval=2, path_interval=2)
    model.compile_adam(1e-2, 1e-2, 0.0, 0.99, run_eagerly=True)
    before = [
        v.numpy()
        for network in (model.mapping, model.synthesis, model.discriminator)
        for v in network.trainable_variables
    ]
    model.fit(images, batch_size=2, verbose=0)
    after = [v.numpy() for v in model.trainable_variables]
    same = sum(any(np.array_equal(a, b) for b in after) for a in before)
    assert same == 0
    assert int(model.updates) == 3 and float(model.path_mean) > 0
    assert all(np.isfinite(a).all() for a in after)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: stylegan2.generator(48), "`image_size` must be 4 times"),
        (lambda: stylegan2.generator(8, upsample="zoom"), "`upsample` must be"),
        (lambda: stylegan2.generator(8, width=0), "`width` must be"),
        (lambda: stylegan2.discriminator(8, widest=-1), "`widest` must be"),
        (lambda: stylegan2.mapping(8, layers=0), "`layers` must be"),
    ],
)
def test_wrong_arguments_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
