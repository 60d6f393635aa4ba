"""Fusing ONNX files; what a graph computes is written in NumPy here."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper
from onnx_graphs import model_of, node, noise

from tfupsample.errors import UnusableInput
from tfupsample.fuse.onnx.fuse import fuse_onnx

NEAREST = {
    "mode": "nearest",
    "coordinate_transformation_mode": "asymmetric",
    "nearest_mode": "floor",
}
LINEAR = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}


@pytest.fixture
def fuse(tmp_path):
    def fused(model, **arguments):
        path = tmp_path / "model.onnx"
        path.write_bytes(model.SerializeToString())
        return fuse_onnx(path, **arguments)

    return fused


def run(model, x):
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, {"x": x})


def scales(scale):
    return np.array([1, 1, scale, scale], "float32")


def chain(kernel, resize=NEAREST, scale=2, pad=None, bias=None, **more):
    """`x`, a resize, a padding if any, and a convolution to `y`."""
    shape = more.pop("shape", (None, 2, None, None))
    options = {"out": ("n", "c", "h", "w"), "opset": more.pop("opset", 17)}
    weights = {"s": scales(scale), "w": kernel, "roi": noise(0)}
    if bias is not None:
        weights["b"] = bias
    nodes, last = [node("Resize", "x roi s", "u", **resize)], "u"
    if pad:
        widths, mode = pad
        before, after = zip((0, 0), (0, 0), *widths)
        weights["p"] = np.array(before + after)
        nodes.append(node("Pad", "u p", "v", mode=mode))
        last = "v"
    taken = f"{last} w" + " b" * (bias is not None)
    nodes.append(node("Conv", taken, **more))
    return model_of(nodes, shape, **options, **weights)


def enlarged(x, resize, scale):
    """The resize of the two last axes, one after the other."""
    for axis in (-2, -1):
        if resize["mode"] == "nearest":
            x = np.repeat(x, scale, axis)
            continue
        n = x.shape[axis]
        places = (np.arange(n * scale) + 0.5) / scale - 0.5
        moved = np.moveaxis(x, axis, -1)
        lines = [
            np.interp(places, range(n), line) for line in moved.reshape(-1, n)
        ]
        moved = np.reshape(lines, (*moved.shape[:-1], n * scale))
        x = np.moveaxis(moved, -1, axis)
    return x


def convolved(x, kernel, bias=0.0):
    windows = np.lib.stride_tricks.sliding_window_view(
        x, kernel.shape[2:], (2, 3)
    )
    y = np.einsum("nchwij,fcij->nfhw", windows, kernel)
    return y + np.reshape(bias, (-1, 1, 1))


def ops_of(model):
    return [each.op_type for each in model.graph.node]


ROUNDED = [
    {
        "mode": "nearest",
        "coordinate_transformation_mode": "half_pixel",
        "nearest_mode": rounding,
    }
    for rounding in ("round_prefer_floor", "round_prefer_ceil")
]


@pytest.mark.parametrize("resize", [NEAREST, *ROUNDED])
@pytest.mark.parametrize(
    ("scale", "taps", "attributes", "widths"),
    [
        (2, (3, 3), {"pads": [1] * 4}, [(1, 1), (1, 1)]),
        (2, (3, 3), {}, [(0, 0), (0, 0)]),
        (2, (5, 3), {"pads": [0, 1, 3, 2]}, [(0, 3), (1, 2)]),
        (2, (4, 4), {"auto_pad": "SAME_UPPER"}, [(1, 2), (1, 2)]),
        (2, (4, 4), {"auto_pad": "SAME_LOWER"}, [(2, 1), (2, 1)]),
        (2, (3, 3), {"auto_pad": "VALID"}, [(0, 0), (0, 0)]),
        (3, (3, 5), {"pads": [1, 2, 1, 2]}, [(1, 1), (2, 2)]),
        (4, (7, 7), {"pads": [3] * 4}, [(3, 3), (3, 3)]),
    ],
)
def test_nearest_and_zeros(fuse, resize, scale, taps, attributes, widths):
    kernel, bias = noise(3, 2, *taps), noise(3, seed=1)
    model = chain(kernel, resize, scale, bias=bias, **attributes)
    result = fuse(model, size=(6, 5))
    assert result.difference["relative"] < 1e-5
    assert "Resize" not in ops_of(result.model)
    assert "Pad" not in ops_of(result.model)  # the zeros are the convolution's
    onnx.checker.check_model(result.model, full_check=True)
    x = noise(2, 2, 7, 4, seed=2)  # the sizes are still open
    wanted = np.pad(enlarged(x, resize, scale), [(0, 0), (0, 0), *widths])
    (found,) = run(result.model, x)
    np.testing.assert_allclose(found, convolved(wanted, kernel, bias), 0, 2e-5)


@pytest.mark.parametrize(
    ("mode", "resize", "taps", "width"),
    [
        ("constant", NEAREST, 3, 1),
        ("constant", NEAREST, 5, 4),
        ("edge", NEAREST, 3, 1),
        ("edge", NEAREST, 5, 3),
        ("reflect", NEAREST, 3, 1),
        ("wrap", NEAREST, 3, 1),
        ("wrap", NEAREST, 5, 3),
        ("edge", LINEAR, 5, 2),
        ("edge", LINEAR, 5, 5),
        ("edge", LINEAR, 5, 0),
    ],
)
def test_padding_nodes(fuse, mode, resize, taps, width):
    kernel = noise(3, 2, taps, taps)
    pad = [(width, width), (width, width)], mode
    model = chain(kernel, resize, pad=pad, opset=19)
    result = fuse(model, size=(6, 5))
    assert not result.left
    assert "Resize" not in ops_of(result.model)
    x = noise(1, 2, 5, 8, seed=2)
    widths = [(0, 0), (0, 0), *pad[0]]
    wanted = np.pad(enlarged(x, resize, 2), widths, mode)
    (found,) = run(result.model, x)
    np.testing.assert_allclose(found, convolved(wanted, kernel), 0, 2e-5)


def test_zeros_of_a_node_and_of_the_convolution_are_one_padding(fuse):
    kernel = noise(3, 2, 5, 5)
    pad = [(1, 0), (0, 1)], "constant"
    result = fuse(chain(kernel, pad=pad, pads=[1] * 4))
    x = noise(1, 2, 5, 6)
    widths = [(0, 0), (0, 0), (2, 1), (1, 2)]
    wanted = np.pad(enlarged(x, NEAREST, 2), widths)
    (found,) = run(result.model, x)
    np.testing.assert_allclose(found, convolved(wanted, kernel), 0, 2e-5)


@pytest.mark.parametrize("opset", [11, 13, 17, 18, 19])
def test_opsets(fuse, opset):
    model = chain(noise(3, 2, 3, 3), pads=[1] * 4, opset=opset)
    result = fuse(model)
    assert len(result.pairs) == 1
    x = noise(1, 2, 5, 6)
    np.testing.assert_allclose(
        *(run(m, x)[0] for m in (model, result.model)), 0, 2e-5
    )


def test_sizes_that_follow_from_the_shape(fuse):
    """As exporters write a scale: the shape times two, as sizes."""
    nodes = [
        node("Shape", "x", "shape"),
        node("Mul", "shape twice", "sizes"),
        node("Resize", "x   sizes", "u", **NEAREST),
        node("Conv", "u w", pads=[1] * 4),
    ]
    model = model_of(
        nodes,
        (None, 2, None, None),
        twice=np.array([1, 1, 2, 2]),
        w=noise(3, 2, 3, 3),
    )
    result = fuse(model)
    assert [pair.scale for pair in result.pairs] == [(2, 2)]
    assert ops_of(result.model) == ["Conv", "DepthToSpace", "Slice"]
    x = noise(1, 2, 5, 6)
    np.testing.assert_allclose(
        *(run(m, x)[0] for m in (model, result.model)), 0, 2e-5
    )


def test_sizes_that_are_fixed_are_no_scale_of_open_inputs(fuse):
    nodes = [
        node("Resize", "x   sizes", "u", **NEAREST),
        node("Conv", "u w", pads=[1] * 4),
    ]
    model = model_of(
        nodes,
        (None, 2, None, None),
        sizes=np.array([1, 2, 128, 128]),
        w=noise(3, 2, 3, 3),
    )
    result = fuse(model)
    assert not result.pairs
    assert "not known" in result.left[0][1]


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (lambda: chain(noise(4, 1, 3, 3), group=2), "groups"),
        (lambda: chain(noise(4, 2, 3, 3), strides=[2, 2]), "strides"),
        (lambda: chain(noise(4, 2, 3, 3), dilations=[2, 2]), "dilated"),
        (lambda: chain(noise(4, 2, 2, 2)), "no faster"),
        (lambda: chain(noise(4, 2, 3, 3), LINEAR), "no faster"),
        (
            lambda: chain(noise(4, 2, 5, 5), LINEAR, pads=[2] * 4),
            "'constant' padding of 2 pixels after bilinear",
        ),
        (
            lambda: chain(noise(4, 2, 3, 3), {"mode": "cubic"}),
            "cubic interpolation",
        ),
        (
            lambda: chain(
                noise(4, 2, 3, 3),
                LINEAR | {"coordinate_transformation_mode": "align_corners"},
            ),
            "linear interpolation",
        ),
        (
            lambda: chain(
                noise(4, 2, 3, 3), NEAREST | {"nearest_mode": "ceil"}
            ),
            "nearest interpolation",
        ),
        (lambda: chain(noise(4, 2, 3, 3), scale=1.5), "integer"),
        (
            lambda: chain(noise(4, 2, 5, 5), pad=([(2, 2), (2, 2)], "reflect")),
            "'reflect' padding of 2 pixels",
        ),
        (
            lambda: chain(
                noise(4, 2, 5, 5), pad=([(1, 1), (1, 1)], "edge"), pads=[1] * 4
            ),
            "two ways",
        ),
        (
            lambda: chain(noise(4, 2, 3, 3), pad=([(-1, 1), (1, 1)], "edge")),
            "crops",
        ),
    ],
)
def test_what_is_not_exact_stays_and_is_named(fuse, model, reason):
    before = model()
    result = fuse(before)
    assert not result.pairs
    assert reason in result.left[0][1]
    assert ops_of(result.model) == ops_of(before)
    assert result.difference["absolute"] == 0


def test_other_users_keep_the_large_map(fuse):
    kernel = noise(2, 2, 3, 3)
    nodes = [
        node("Resize", "x  s", "u", **NEAREST),
        node("Conv", "u w", "v", pads=[1] * 4),
        node("Conv", "u w", "t", pads=[1] * 4),
        node("Add", "u v", "sum"),
        node("Add", "sum t", "y"),
    ]
    model = model_of(nodes, s=scales(2), w=kernel)
    result = fuse(model)
    assert [pair.convolution for pair in result.pairs] == ["Conv_v", "Conv_t"]
    assert result.left == [
        ("Resize_u", "Add_sum (Add) follows and needs the large map")
    ]
    assert "Resize" in ops_of(result.model)
    x = noise(2, 2, 16, 16)
    large = enlarged(x, NEAREST, 2)
    padded = np.pad(large, [(0, 0), (0, 0), (1, 1), (1, 1)])
    wanted = large + 2 * convolved(padded, kernel)
    (found,) = run(result.model, x)
    np.testing.assert_allclose(found, wanted, 0, 2e-5)


def test_what_a_branch_needs_stays(fuse):
    """A graph inside a node takes the large map by its name."""
    branch = helper.make_graph(
        [helper.make_node("Identity", ["u"], ["inner"])],
        "branch",
        [],
        [helper.make_empty_tensor_value_info("inner")],
    )
    nodes = [
        node("Resize", "x  s", "u", **NEAREST),
        node("Conv", "u w", "v", pads=[1] * 4),
        helper.make_node(
            "If", ["yes"], ["z"], then_branch=branch, else_branch=branch
        ),
        node("Add", "v z", "y"),
    ]
    model = model_of(
        nodes,
        (1, 2, 16, 16),
        out=(1, 2, 32, 32),
        s=scales(2),
        w=noise(2, 2, 3, 3),
        yes=np.array(True),
    )
    result = fuse(model)
    assert len(result.pairs) == 1
    x = noise(1, 2, 16, 16)
    np.testing.assert_allclose(
        *(run(m, x)[0] for m in (model, result.model)), 0, 2e-5
    )


def test_constants_that_nobody_needs_go(fuse):
    """Also where the format makes each stored array an input."""
    model = chain(noise(3, 2, 3, 3), pads=[1] * 4, opset=11)
    model.ir_version = 3
    for tensor in model.graph.initializer:
        model.graph.input.append(
            helper.make_tensor_value_info(
                tensor.name, tensor.data_type, tensor.dims
            )
        )
    result = fuse(model)
    assert [x.name for x in result.model.graph.input] == ["x"]
    assert not {"w", "s"} & {t.name for t in result.model.graph.initializer}
    onnx.checker.check_model(result.model, full_check=True)


def test_figures_by_hand(fuse):
    model = chain(noise(3, 2, 3, 3), pads=[1] * 4)
    result = fuse(model, size=(16, 16), rounds=2)
    # 32 × 32 pixels of 3 filters.
    assert result.before["multiply_adds"] == 32 * 32 * 3 * 2 * 9
    # Four phases of 17 × 17 cells, with four taps each.
    assert result.after["multiply_adds"] == 17 * 17 * 12 * 2 * 4
    large = 4 * 32 * 32
    assert result.before["activation_bytes"] == (2 + 3) * large
    # All phases before and after the depth-to-space.
    assert result.after["activation_bytes"] == 2 * 4 * 34 * 34 * 3
    assert result.milliseconds["rounds"] == 2
    assert result.milliseconds["before"] > 0


def test_a_model_that_draws_random_numbers_is_refused(fuse):
    nodes = [
        node("Resize", "x  s", "u", **NEAREST),
        node("Conv", "u w", "v", pads=[1] * 4),
        node("RandomNormalLike", "v", "z"),
        node("Add", "v z", "y"),
    ]
    model = model_of(nodes, s=scales(2), w=noise(2, 2, 3, 3))
    with pytest.raises(UnusableInput, match="random"):
        fuse(model)


def test_half_precision(fuse):
    model = chain(
        noise(3, 2, 3, 3).astype("float16"),
        bias=noise(3).astype("float16"),
        pads=[1] * 4,
    )
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.elem_type = onnx.TensorProto.FLOAT16
    result = fuse(model)
    assert len(result.pairs) == 1
    assert 0 < result.difference["relative"] < 5e-3
