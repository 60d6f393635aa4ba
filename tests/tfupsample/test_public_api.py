import inspect
import subprocess
import sys

import processes
import pytest

import tfupsample

PUBLIC = {
    "ArtifactMonitor",
    "Balanced",
    "AliasFreeConv2D",
    "BlurDownsample2D",
    "BlurUpsample2D",
    "BorderLoss",
    "Carafe2D",
    "ContentAwareConv2D",
    "DySample2D",
    "EqualPhaseGain",
    "FilteredActivation",
    "FilteredConvTranspose2D",
    "ICNR",
    "PAD_MODES",
    "Pad1D",
    "Pad2D",
    "Pad3D",
    "PaddedConv1D",
    "PaddedConv2D",
    "PaddedConv3D",
    "PhaseGainRegularizer",
    "ResizeConv1D",
    "ResizeConv2D",
    "ResizeConv3D",
    "SpectralLoss",
    "SubpixelConv1D",
    "SubpixelConv2D",
    "SubpixelConv3D",
    "TotalVariationLoss",
    "UPSAMPLERS",
    "Finding",
    "Fused",
    "ImageScore",
    "Inspection",
    "LayerReport",
    "PeriodScore",
    "Repaired",
    "SetScore",
    "UnusableInput",
    "fuse_model",
    "inspect_model",
    "repair_model",
    "score_images",
    "__version__",
    "list_pretrained",
    "load_pretrained",
    "make_upsampler",
}


def test_public_names_are_those_listed():
    """A name leaves only after a release of deprecation."""
    assert set(tfupsample.__all__) == PUBLIC
    assert all(hasattr(tfupsample, name) for name in PUBLIC)


def test_public_names_have_type_hints():
    """`py.typed` is shipped: every argument of every constructor is hinted."""
    plain = {"PAD_MODES", "UPSAMPLERS", "UnusableInput", "__version__"}
    for name in PUBLIC - plain:
        public = getattr(tfupsample, name)
        made = public.__init__ if inspect.isclass(public) else public
        arguments = inspect.signature(made).parameters.values()
        hints = [a.annotation for a in arguments if a.name != "self"]
        assert inspect.Parameter.empty not in hints, name


def run_on_jax(code):
    """Runs Python with the JAX backend and TensorFlow out of reach."""
    blocked = "import sys; sys.modules['tensorflow'] = None\n"
    environment = {"KERAS_BACKEND": "jax", "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", blocked + code],
        env=environment | processes.COMPILE_SOON,
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_library_and_models_need_no_tensorflow():
    """And importing them sets no flags, no devices and no seeds."""
    result = run_on_jax(
        "import keras, random, numpy as np\n"
        "from absl import flags\n"
        "before = random.getstate(), str(np.random.get_state())\n"
        "import tfupsample, models.dcgan, train.engine.config\n"
        "assert before == (random.getstate(), str(np.random.get_state()))\n"
        "assert 'upsample' not in flags.FLAGS\n"
        "import jax\n"
        "assert not jax._src.xla_bridge._backends\n"
        "network = models.dcgan.generator(8, 3, 4, 2)\n"
        "print(tuple(network(np.zeros((1, 4))).shape))"
    )
    assert result.stdout == "(1, 8, 8, 3)\n", result.stderr
