"""Repairing ONNX files; what a graph computes is written in NumPy here."""

import json

import exported_files
import keras
import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper
from onnx_graphs import model_of, node, noise

from models import dcgan
from tfupsample import cli
from tfupsample.errors import UnusableInput
from tfupsample.model_files import sandbox
from tfupsample.repair.onnx.repair import repair_file, repair_onnx
from tfupsample.repair.repair import repair_model

pytestmark = exported_files.WARNINGS


@pytest.fixture
def repair(tmp_path):
    def repaired(model, **arguments):
        path = tmp_path / "model.onnx"
        path.write_bytes(model.SerializeToString())
        return repair_onnx(path, **arguments)

    return repaired


def run(model, x):
    content = model.SerializeToString()
    return onnxruntime.InferenceSession(content).run(None, {"x": x})[0]


def weights_of(model, name):
    (node,) = [n for n in model.graph.node if n.op_type == name]
    stored = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    return stored[node.input[1]]


def upsampling(kernel, shape=(None, 2, 16, 16), **attributes):
    attributes = {"strides": [2, 2]} | attributes
    if "auto_pad" not in attributes:
        attributes = {"pads": [1] * 4} | attributes
    nodes = [node("ConvTranspose", "x w", **attributes)]
    return model_of(nodes, shape, ("n", "f", "h", "w"), w=kernel)


def sums_of_phases(kernel, stride):
    """`(stride, stride, channels, filters)`, tap by tap."""
    sums = np.zeros((stride, stride, *kernel.shape[:2]))
    for i, j in np.ndindex(kernel.shape[2:]):
        sums[i % stride, j % stride] += kernel[:, :, i, j]
    return sums


@pytest.mark.parametrize("stride, taps", [(2, 4), (2, 3), (3, 5)])
def test_balance_is_the_smallest_change_to_equal_gains(repair, stride, taps):
    kernel = noise(2, 3, taps, taps)
    model = upsampling(kernel, strides=[stride, stride])
    result = repair(model, method="balance")
    new = weights_of(result.model, "ConvTranspose")
    sums = sums_of_phases(new, stride).reshape(stride**2, -1)
    np.testing.assert_allclose(sums, sums[:1].repeat(stride**2, 0), atol=1e-5)
    change = new - kernel
    # The smallest change adds the same to all taps of a phase, and its sum
    # over all phases is zero, or another common gain would be nearer.
    for phase in np.ndindex(stride, stride):
        taps_of_phase = change[:, :, phase[0] :: stride, phase[1] :: stride]
        assert np.ptp(taps_of_phase, (2, 3)).max() < 1e-6
    per_tap = change[:, :, :stride, :stride].sum((2, 3))
    np.testing.assert_allclose(per_tap, 0, atol=1e-5)
    distance = np.linalg.norm(change) / np.linalg.norm(kernel)
    assert result.moved == {"ConvTranspose_y": pytest.approx(distance)}


def test_kernels_of_groups_are_balanced_pair_by_pair(repair):
    model = upsampling(noise(2, 1, 4, 4), group=2)
    result = repair(model, method="balance")
    sums = sums_of_phases(weights_of(result.model, "ConvTranspose"), 2)
    np.testing.assert_allclose(sums, sums[:1, :1] + 0 * sums, atol=1e-5)


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"pads": [0, 1, 1, 0]},
        {"pads": [0] * 4},
        {"pads": [1, 1, 0, 0], "output_padding": [1, 1]},
        {"auto_pad": "VALID"},
    ],
)
def test_resize_gives_the_same_where_it_can(repair, attributes):
    """Kernels that repeat and then convolve, wherever their border lies."""
    small = noise(2, 3, 3, 3)
    kernel = np.zeros((2, 3, 4, 4), "float32")
    for i, j in np.ndindex(2, 2):  # where a repeated pixel lies
        kernel[:, :, i : i + 3, j : j + 3] += small
    model = upsampling(kernel, **attributes)
    result = repair(model, method="resize")
    assert [n.op_type for n in result.model.graph.node] == ["Resize", "Conv"]
    onnx.checker.check_model(result.model)
    assert result.moved["ConvTranspose_y"] < 1e-5
    x = noise(2, 2, 16, 16, seed=1)
    old, new = (run(m, x) for m in (model, result.model))
    np.testing.assert_allclose(old, new, atol=2e-5)


@pytest.mark.parametrize(
    "mode, width, of_numpy",
    [
        (None, 1, "edge"),
        ("edge", 2, "edge"),
        ("reflect", 2, "reflect"),
        ("symmetric", 1, "symmetric"),
        ("circular", 2, "wrap"),
    ],
)
def test_pad(repair, mode, width, of_numpy):
    taps = 2 * width + 1
    kernel, bias = noise(3, 2, taps, taps), noise(3)
    model = model_of(
        [node("Conv", "x w b", pads=[width] * 4)], opset=19, w=kernel, b=bias
    )
    result = repair(model, method="pad", pad_mode=mode)
    x = noise(2, 2, 16, 16)
    sides = [(0, 0), (0, 0), (width, width), (width, width)]
    windows = np.lib.stride_tricks.sliding_window_view(
        np.pad(x, sides, of_numpy), (taps, taps), (2, 3)
    )
    wanted = np.einsum("nchwij,fcij->nfhw", windows, kernel)
    wanted += bias[:, None, None]
    np.testing.assert_allclose(run(result.model, x), wanted, atol=2e-5)
    assert result.layers == ["Conv_y"]


@pytest.mark.parametrize("batch", [1, 3, 8])
def test_graphs_of_a_fixed_batch_are_measured_in_pieces(repair, batch):
    kernel = noise(3, 3, 4, 4)
    of_any, of_some = (
        repair(upsampling(kernel, (n, 3, 16, 16)), method="balance")
        for n in (None, batch)
    )
    assert of_some.psnr_db == pytest.approx(of_any.psnr_db, abs=1e-3)
    assert of_some.outputs[0].shape == of_any.outputs[0].shape == (8, 32, 32, 3)


@pytest.mark.parametrize(
    "model, arguments, words",
    [
        (lambda: upsampling(noise(2, 3, 4, 4)), {"method": "smooth"}, "Keras"),
        (lambda: upsampling(noise(2, 3, 4, 4)), {"steps": 9}, "Keras"),
        (
            lambda: upsampling(noise(2, 3, 4, 4), dilations=[3, 3]),
            {"method": "balance"},
            "is dilated",
        ),
        (
            lambda: upsampling(noise(2, 3, 1, 1), pads=[0] * 4),
            {"method": "balance"},
            "at least",
        ),
        (
            lambda: upsampling(noise(2, 1, 4, 4), group=2),
            {"method": "resize"},
            "has groups",
        ),
        (
            lambda: upsampling(noise(2, 3, 4, 4), pads=[3] * 4),
            {"method": "resize"},
            "crops",
        ),
        (
            lambda: upsampling(noise(2, 3, 4, 4)),
            {"method": "pad"},
            "pads with zeros",
        ),
        (
            lambda: upsampling(noise(2, 3, 4, 4)),
            {"method": "balance", "layers": "nobody"},
            "no layer 'nobody'",
        ),
        (
            lambda: model_of([node("Relu", "x")]),
            {"method": "balance"},
            "no ConvTranspose",
        ),
        (
            lambda: model_of(
                [node("Conv", "x w", pads=[2] * 4)], w=noise(2, 2, 5, 5)
            ),
            {"method": "pad", "pad_mode": "symmetric"},
            "no 'symmetric' padding",
        ),
    ],
)
def test_what_cannot_be_repaired_is_a_sentence(repair, model, arguments, words):
    with pytest.raises(UnusableInput, match=words):
        repair(model(), **arguments)


def test_the_search_tries_what_needs_no_training(repair):
    kernel = noise(3, 3, 4, 4)
    kernel[:, :, ::2] *= 0.2  # every other row is dark
    result = repair(upsampling(kernel, (None, 3, 32, 32)))
    assert [name.partition(",")[0] for name, _ in result.tried] == [
        *("balance", "resize", "ramps", "smooth"),
        *("balance", "bilinear resize"),
    ]
    assert all("Keras" in outcome for _, outcome in result.tried[3:])
    assert not result.accepted or result.psnr_db >= 28


@pytest.mark.slow
def test_a_generator_is_repaired_as_in_keras(tmp_path):
    """The same measures of the same kernels, on the same latents."""
    keras.utils.set_random_seed(0)
    model = dcgan.generator(32, latent_dim=8, width=8, upsample="deconv")
    model(model.input)  # or the exporter refuses
    path = tmp_path / "model.onnx"
    model.export(path, format="onnx", verbose=False)
    for arguments in (
        {"method": "balance"},
        {"method": "ramps", "layers": "all"},
        {"method": "resize"},
        {"method": "resize", "layers": "all", "interpolation": "bilinear"},
    ):
        of_keras = repair_model(model, **arguments)
        of_onnx = repair_onnx(path, **arguments)
        assert of_onnx.psnr_db == pytest.approx(of_keras.psnr_db, abs=0.01)
        for period, row in of_keras.after.items():
            for name, value in row.items():
                found = of_onnx.after[period][name]
                assert found == pytest.approx(value, abs=0.02)
        assert [*of_onnx.moved.values()] == pytest.approx(
            [*of_keras.moved.values()], rel=1e-5
        )
        assert of_onnx.accepted == of_keras.accepted


@pytest.fixture
def in_this_process(monkeypatch):
    """Opens files here: a process of its own takes seconds to start."""

    def call(function, arguments, path, **_):
        assert function == f"{repair_file.__module__}:{repair_file.__name__}"
        return json.loads(json.dumps(repair_file(**arguments)))

    monkeypatch.setattr(sandbox, "call", call)


@pytest.fixture
def saved(tmp_path):
    kernel = noise(3, 3, 4, 4)
    kernel[:, :, ::2] *= 0.9
    path = tmp_path / "model.onnx"
    model = upsampling(kernel, (None, 3, 32, 32))
    path.write_bytes(model.SerializeToString())
    return path


def command(source, target, *flags):
    return cli.main(["repair", str(source), "-o", str(target), *flags])


@pytest.mark.usefixtures("in_this_process")
def test_command(saved, tmp_path, capsys):
    target, page = tmp_path / "new.onnx", tmp_path / "report.html"
    flags = ("--method=balance", "--force", f"--html={page}")
    assert command(saved, target, *flags, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["method"] == "balance"
    assert report["output"] == str(target)
    assert set(report["before"]) == {"2"}
    sums = sums_of_phases(weights_of(onnx.load(target), "ConvTranspose"), 2)
    np.testing.assert_allclose(sums, sums[:1, :1] + 0 * sums, atol=1e-5)
    assert (tmp_path / "new_before_after.png").is_file() and page.is_file()
    assert command(saved, target, *flags, "--overwrite") == 0
    assert "Period 2: prominence" in capsys.readouterr().out


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize(
    "target, flags, words",
    [
        ("new.keras", [], "end in .onnx"),
        ("new.onnx", ["--method=smooth"], "Keras"),
        ("new.onnx", ["--input_range", "1", "0"], "smaller first"),
        ("new.onnx", ["--method=balance", "--least_psnr=99"], "99 dB"),
    ],
)
def test_command_refuses(saved, tmp_path, capsys, target, flags, words):
    assert command(saved, tmp_path / target, *flags) == 2
    assert words in capsys.readouterr().err
    assert [*tmp_path.iterdir()] == [saved]


@pytest.mark.slow
def test_files_are_opened_in_another_process(saved, tmp_path, capsys):
    flags = ("--method=balance", "--force")
    assert command(saved, tmp_path / "new.onnx", *flags) == 0
    assert "balance" in capsys.readouterr().out
    saved.write_bytes(b"no protobuf")
    assert command(saved, tmp_path / "other.onnx") == 2
    assert "cannot be loaded" in capsys.readouterr().err
