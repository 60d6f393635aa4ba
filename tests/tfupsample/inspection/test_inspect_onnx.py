"""ONNX graphs of every convention, with verdicts that are known by hand."""

import math
import sys

import numpy as np
import onnx
import pytest
from onnx import helper
from onnx_graphs import model_of, node, noise

from tfupsample.cli import main
from tfupsample.errors import UnusableInput
from tfupsample.inspection.onnx.inspect import inspect_onnx


@pytest.fixture
def inspected(tmp_path):
    def inspect(model, samples=2):
        path = tmp_path / "model.onnx"
        path.write_bytes(model.SerializeToString())
        return inspect_onnx(path, samples)

    return inspect


def kinds(inspection, severity=None):
    return [
        f.kind
        for f in inspection.findings
        if severity in (None, f.severity) and f.kind != "zero padding"
    ]


def border(inspection):
    return [
        f.magnitude for f in inspection.findings if f.kind == "zero padding"
    ]


def gains_by_hand(kernel, stride, dilation=1):
    """Sums of the taps of each phase, by going through them one by one."""
    filters = kernel.shape[1]
    sums = np.zeros((stride, stride, len(kernel), filters))
    for i in range(kernel.shape[2]):
        for j in range(kernel.shape[3]):
            phase = i * dilation % stride, j * dilation % stride
            sums[phase] += kernel[:, :, i, j]
    return sums


def share_by_hand(sums):
    sums = sums.reshape(-1, *sums.shape[2:])
    varying = ((sums - sums.mean(axis=0)) ** 2).mean()
    return math.sqrt(varying / (varying + (sums.mean(axis=0) ** 2).mean()))


@pytest.mark.parametrize(
    "taps, attributes, lack, pixels",
    [
        (3, {"strides": [2, 2], "pads": [0, 0, 1, 1]}, 0.75, [1]),
        (4, {"strides": [2, 2], "pads": [1, 1, 1, 1]}, 0, [1]),
        (4, {"strides": [2, 2]}, 0, [2]),
        (4, {"strides": [2, 2], "auto_pad": "VALID"}, 0, [2]),
        (3, {"strides": [2, 2], "auto_pad": "SAME_UPPER"}, 0.75, [1]),
        (4, {"strides": [2, 2], "auto_pad": "SAME_LOWER"}, 0, [1]),
        (4, {"strides": [2, 2], "output_shape": [32, 32]}, 0, [1]),
        (
            3,
            {"strides": [2, 2], "pads": [1] * 4, "output_padding": [1, 1]},
            0.75,
            [1],
        ),
        (3, {"strides": [2, 2], "dilations": [2, 2], "pads": [1] * 4}, 1, [2]),
        (
            3,
            {"strides": [2, 2], "dilations": [3, 3], "pads": [2] * 4},
            0.75,
            [3],
        ),
        (2, {"strides": [2, 2]}, 0, []),
        (5, {"strides": [3, 3], "pads": [1] * 4}, 0.75, [1]),
    ],
)
def test_transposed_convolutions(inspected, taps, attributes, lack, pixels):
    kernel = noise(2, 3, taps, taps)
    inspection = inspected(
        model_of([node("ConvTranspose", "x w", **attributes)], w=kernel)
    )
    found = {f.kind: f for f in inspection.findings}
    stride = attributes["strides"][0]
    sums = gains_by_hand(kernel, stride, attributes.get("dilations", [1])[0])
    gain = found["unequal gain"]
    assert gain.magnitude == pytest.approx(share_by_hand(sums), abs=1e-5)
    assert (gain.severity, gain.period) == ("paints", stride)
    overlap = found.get("uneven overlap")
    assert (overlap.magnitude if overlap else 0) == pytest.approx(lack)
    assert border(inspection) == pixels


def test_groups_of_a_transposed_convolution(inspected):
    kernel = noise(4, 1, 4, 4)
    up = node("ConvTranspose", "x w", strides=[2, 2], group=2)
    inspection = inspected(model_of([up], (None, 4, 8, 8), w=kernel))
    gain = next(f for f in inspection.findings if f.kind == "unequal gain")
    share = share_by_hand(gains_by_hand(kernel, 2))
    assert gain.magnitude == pytest.approx(share, abs=1e-5)


def test_equal_gains_paint_nothing(inspected):
    up = node("ConvTranspose", "x w", strides=[2, 2], pads=[1] * 4)
    inspection = inspected(model_of([up], w=np.ones((2, 3, 4, 4), "float32")))
    assert not kinds(inspection)
    assert inspection.probe["forward"]["flat"]["2"]["ripple"] == 0


def test_sound_and_volumes(inspected):
    for rank, sizes in ((1, [64]), (3, [8, 8, 8])):
        up = node("ConvTranspose", "x w", strides=[2] * rank)
        model = model_of([up], (1, 2, *sizes), w=noise(2, 2, *[3] * rank))
        assert kinds(inspected(model), "paints") == [
            "uneven overlap",
            "unequal gain",
        ]


def equal_phases(order, filters=3, channels=2):
    """A kernel whose four phases are the same in this order."""
    one = noise(filters, 1, channels, 3, 3)
    kernel = np.repeat(one, 4, axis=1)
    if order == "DCR":
        kernel = np.swapaxes(kernel, 0, 1)
    return kernel.reshape(4 * filters, channels, 3, 3)


def shuffled(order, form):
    """Nodes from `h` to `y`, and their weights."""
    if form == "DepthToSpace":
        return [node("DepthToSpace", "h", blocksize=2, mode=order)], {}
    split = [0, 2, 2, 3, 16, 16] if order == "DCR" else [0, 3, 2, 2, 16, 16]
    perm = [0, 3, 4, 1, 5, 2] if order == "DCR" else [0, 1, 4, 2, 5, 3]
    return [
        node("Reshape", "h split", "a"),
        node("Transpose", "a", "b", perm=perm),
        node("Reshape", "b whole"),
    ], {"split": np.array(split), "whole": np.array([0, 3, 32, 32])}


@pytest.mark.parametrize("form", ["DepthToSpace", "reshapes"])
@pytest.mark.parametrize("order", ["DCR", "CRD"])
@pytest.mark.parametrize("weights", ["DCR", "CRD", "any"])
def test_shuffles_in_both_orders(inspected, weights, order, form):
    nodes, sizes = shuffled(order, form)
    kernel = noise(12, 2, 3, 3) if weights == "any" else equal_phases(weights)
    conv = node("Conv", "x w", "h", pads=[1] * 4)
    inspection = inspected(model_of([conv, *nodes], w=kernel, **sizes))
    expected = {
        order: [],
        "any": ["no ICNR"],
    }.get(weights, ["order of phases", "no ICNR"])
    assert kinds(inspection) == kinds(inspection, "paints") == expected
    assert {f.period for f in inspection.findings if f.period} <= {2}
    (row,) = [r for r in inspection.layers if r.role == "shuffle"]
    assert tuple(row.strides) == (2, 2)


def test_bias_and_normalisation_before_a_shuffle_count(inspected):
    def with_(scale, bias):
        nodes = [
            node("Conv", "x w", "c", pads=[1] * 4),
            node("BatchNormalization", "c s b m v", "n", epsilon=0.0),
            node("DepthToSpace", "n", blocksize=2),
        ]
        return model_of(
            nodes,
            w=equal_phases("DCR"),
            s=np.asarray(scale, "float32"),
            b=np.asarray(bias, "float32"),
            m=np.zeros(12, "float32"),
            v=np.ones(12, "float32"),
        )

    between = "between convolution and shuffle"
    assert kinds(inspected(with_(np.ones(12), np.ones(12)))) == [between]
    for scale, bias in (
        (np.arange(1, 13), np.zeros(12)),
        (np.ones(12), np.arange(12)),
    ):
        assert "no ICNR" in kinds(inspected(with_(scale, bias)))


def test_activation_between_convolution_and_shuffle(inspected):
    nodes = [
        node("Conv", "x w", "c"),
        node("LeakyRelu", "c", "a"),
        node("DepthToSpace", "a", blocksize=2, mode="CRD"),
    ]
    model = model_of(nodes, w=noise(12, 2, 1, 1))
    assert "between convolution and shuffle" in kinds(inspected(model))


RESIZES = [
    ("nearest", {"nearest_mode": "floor"}, "asymmetric"),
    ("nearest", {"nearest_mode": "round_prefer_ceil"}, "half_pixel"),
    ("nearest", {}, "align_corners"),
    ("linear", {}, "half_pixel"),
    ("linear", {}, "align_corners"),
    ("linear", {}, "pytorch_half_pixel"),
    ("cubic", {"cubic_coeff_a": -0.75}, "half_pixel"),
    ("cubic", {}, "asymmetric"),
]


@pytest.mark.parametrize("opset", [11, 13, 18])
@pytest.mark.parametrize("mode, attributes, places", RESIZES)
def test_resizing_is_clean_and_counts_for_periods(
    inspected, mode, attributes, places, opset
):
    resize = node(
        "Resize",
        "h roi scales",
        mode=mode,
        coordinate_transformation_mode=places,
        **attributes,
    )
    up = node("ConvTranspose", "x w", "h", strides=[2, 2])
    model = model_of(
        [up, resize],
        w=noise(2, 2, 2, 2),
        opset=opset,
        roi=np.zeros(0, "float32"),
        scales=np.array([1, 1, 2, 2], "float32"),
    )
    inspection = inspected(model, samples=0)
    assert [(f.kind, f.period) for f in inspection.findings] == [
        ("unequal gain", 4)
    ]


def test_resize_to_sizes_that_are_computed(inspected):
    """As exporters write it where sizes are open."""
    nodes = [
        node("Shape", "x", "shape"),
        node("Slice", "shape two four", "area"),
        node("Mul", "area twice", "larger"),
        node("Slice", "shape zero two", "rest"),
        helper.make_node("Concat", ["rest", "larger"], ["sizes"], axis=0),
        node("Resize", "x   sizes", "big", mode="nearest"),
        node("Conv", "big w", pads=[1] * 4),
    ]
    model = model_of(
        nodes,
        (None, 2, None, None),
        w=noise(3, 2, 3, 3),
        zero=np.array([0]),
        two=np.array([2]),
        four=np.array([4]),
        twice=np.array([2, 2]),
    )
    inspection = inspected(model)
    assert not kinds(inspection)
    assert border(inspection) == [1]
    assert inspection.probe["kind"] == "image to image"


@pytest.mark.parametrize(
    "mode, pixels",
    [("constant", [2]), ("reflect", []), ("edge", []), ("wrap", [])],
)
def test_padding(inspected, mode, pixels):
    nodes = [
        node("Pad", "x pads", "p", mode=mode),
        node("Conv", "p w"),
    ]
    model = model_of(
        nodes,
        opset=19,
        w=noise(3, 2, 5, 5),
        pads=np.array([0, 0, 2, 2, 0, 0, 2, 2]),
    )
    inspection = inspected(model)
    assert border(inspection) == pixels
    assert not kinds(inspection)


@pytest.mark.parametrize(
    "attributes, pixels",
    [
        ({"pads": [1, 1, 1, 1]}, [1]),
        ({"pads": [0, 0, 1, 1], "strides": [2, 2]}, [1]),
        ({"auto_pad": "SAME_UPPER", "strides": [2, 2]}, [1]),
        ({"pads": [2] * 4, "dilations": [2, 2]}, [2]),
        ({}, []),
    ],
)
def test_zeros_that_convolutions_see(inspected, attributes, pixels):
    """Where a stride is 2, one pixel of the output is one of half the size."""
    conv = node("Conv", "x w", **attributes)
    assert border(inspected(model_of([conv], w=noise(2, 2, 3, 3)))) == pixels


def test_downsampling_is_noted(inspected):
    nodes = [
        node("Conv", "x w", "a", strides=[2, 2], pads=[1] * 4),
        node("MaxPool", "a", "b", kernel_shape=[2, 2], strides=[2, 2]),
        node("Resize", "b  scales", mode="nearest"),
    ]
    model = model_of(
        nodes,
        w=noise(2, 2, 3, 3),
        scales=np.array([1, 1, 4, 4], "float32"),
    )
    assert kinds(inspected(model), "note") == [
        "strided gradient",
        "max-pool gradient",
    ]


NORMALISATIONS = {
    "InstanceNormalization": (17, "h s b", {}),
    "GroupNormalization": (21, "h s b", {"num_groups": 2}),
    "LayerNormalization": (17, "h l", {"axis": 1}),
}


@pytest.mark.parametrize("name", NORMALISATIONS)
def test_normalisations_keep_the_verdict(inspected, name):
    opset, inputs, attributes = NORMALISATIONS[name]
    nodes = [
        node("ConvTranspose", "x w", "h", strides=[2, 2]),
        node(name, inputs, "n", **attributes),
        node("Conv", "n v"),
    ]
    given = {
        "s": np.ones(4, "float32"),
        "b": np.zeros(4, "float32"),
        "l": np.ones((4, 32, 32), "float32"),
        "w": noise(2, 4, 2, 2),
        "v": noise(3, 4, 1, 1),
    }
    used = {k: v for k, v in given.items() if k in f"{inputs} w v".split()}
    inspection = inspected(model_of(nodes, opset=opset, **used))
    assert kinds(inspection, "paints") == ["unequal gain"]


def test_a_fixed_batch_is_run_sample_by_sample(inspected):
    nodes = [
        node("Reshape", "x size", "h"),
        node("ConvTranspose", "h w", strides=[2, 2]),
    ]
    ripples = []
    for batch in (1, None):
        size = np.array([batch or -1, 2, 8, 8])
        model = model_of(nodes, (batch, 128), w=noise(2, 3, 3, 3), size=size)
        probe = inspected(model, samples=5).probe
        assert (probe["samples"], probe["kind"]) == (5, "generator")
        ripples.append(probe["forward"]["flat"]["2"]["ripple"])
    assert ripples[0] == pytest.approx(ripples[1], abs=1e-5)
    assert ripples[0] > 0.1


def test_a_filter_that_removes_the_pattern_is_seen_unrun(inspected):
    nodes = [
        node("ConvTranspose", "x w", "h", strides=[2, 2]),
        node("Conv", "h f", group=3),
    ]
    for taps, found in ((2, []), (3, ["unequal gain"])):
        taps = np.full((3, 1, taps, taps), 1 / taps**2, "float32")
        model = model_of(nodes, w=noise(2, 3, 4, 4), f=taps)
        assert kinds(inspected(model, samples=0), "paints") == found


def test_what_has_branches_is_named(inspected):
    def branch(name):
        output = helper.make_tensor_value_info(name, 1, None)
        up = helper.make_node("Identity", ["h"], [name])
        return helper.make_graph([up], name, [], [output])

    nodes = [
        node("ConvTranspose", "x w", "h", strides=[2, 2]),
        node("If", "c", "i", then_branch=branch("p"), else_branch=branch("q")),
        node("Relu", "i"),
    ]
    model = model_of(
        nodes, w=noise(2, 2, 4, 4), c=np.array(True), out=[None, 2, 34, 34]
    )
    out = helper.make_tensor_value_info("i", 1, [8, 2, 34, 34])
    model.graph.value_info.append(out)
    inspection = inspected(model)
    assert kinds(inspection, "may paint") == ["not read"]
    assert "If" in inspection.probe["skipped"]


def test_unknown_operations_are_named(inspected):
    custom = helper.make_node("Magic", ["x"], ["y"], domain="com.example")
    model = model_of([custom])
    model.opset_import.append(helper.make_opsetid("com.example", 1))
    with pytest.raises(UnusableInput, match="Magic"):
        inspected(model)
    model = model_of([custom], (1, 2, 16, 16), out=[1, 2, 32, 32])
    model.opset_import.append(helper.make_opsetid("com.example", 1))
    assert kinds(inspected(model)) == ["not read"]


def test_missing_packages_are_named(inspected, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(
        UnusableInput, match=r"pip install 'tfupsample\[onnx\]'"
    ):
        inspected(model_of([node("Relu", "x")]))


@pytest.mark.usefixtures("in_process")
def test_command(tmp_path, capsys):
    up = node("ConvTranspose", "x w", strides=[2, 2])
    path = tmp_path / "up.onnx"
    onnx.save(model_of([up], w=noise(2, 2, 3, 3)), path)
    assert main(["inspect", str(path), "--samples=2"]) == 1
    assert "PAINTS: unequal gain" in capsys.readouterr().out
