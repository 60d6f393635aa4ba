"""The explorer in a real browser, against the Python functions."""

import io
import pathlib

import numpy as np
import pytest
from PIL import Image

import tfupsample
from tfupsample.inspection.findings import Finding, Inspection, LayerReport
from tfupsample.inspection.gains import imbalance
from tfupsample.layers.upsampler import network_upsampler
from tfupsample.measures.artifacts import coherent_score
from tfupsample.ops.phase_form import phase_kernel, phase_plan
from tfupsample.ops.phase_gain import phase_gains
from tfupsample.report.explorer import explorer_page
from tfupsample.report.html import inspection_page

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = pathlib.Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs {CHROMIUM}"),
]
SWITCHES = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
UPSAMPLERS = ["nearest", "bilinear", "subpixel", "deconv", "deconv_balanced"]


@pytest.fixture(scope="module")
def chromium():
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, args=SWITCHES.split()
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, tmp_path):
    """Opens HTML; at the end nothing was requested and nothing went wrong."""
    requests, troubles, contexts = [], [], []

    def open_page(text, width=1200, **options):
        file = tmp_path / "page.html"
        file.write_text(text, "utf-8")
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(file.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []
    loaded = [url for url in requests if not url.startswith("data:")]
    assert loaded == [(tmp_path / "page.html").as_uri()] * len(contexts)


def slide(page, **values):
    """Moves sliders by keyboard: to the left end, then to the right."""
    for name, value in values.items():
        slider = page.locator(f"#{name}")
        slider.press("Home")
        for _ in range(value - int(slider.get_attribute("min"))):
            slider.press("ArrowRight")


def choose(page, upsampler="deconv", pad_mode="symmetric", **numbers):
    page.locator("#upsampler").select_option(upsampler)
    page.locator("#pad_mode").select_option(pad_mode)
    for name, value in numbers.items():
        page.locator(f"#{name}").fill(str(value))
    draw(page)


def draw(page):
    """Draws now what would be drawn with the next frame."""
    page.evaluate("explorer.state() && null")


def number(page, name):
    """The number on the page, not rounded."""
    return float(
        page.locator(f"[data-value={name}]").first.get_attribute("value")
    )


def paint(kernel_size, stride, layers, last):
    """Counts windows over each output pixel, far from the ends."""
    row = np.ones(400)
    stack = [(kernel_size, stride)] * layers + [(last, 1)] * (last > 0)
    for size, step in stack:
        wide = np.zeros(len(row) * step + size)
        for i, amount in enumerate(row):
            wide[i * step : i * step + size] += amount
        row = wide[len(wide) // 4 : -len(wide) // 4]
    return row


@pytest.mark.parametrize(
    "kernel_size, stride, layers, last",
    [(3, 2, 1, 0), (4, 2, 2, 0), (5, 3, 2, 3), (9, 4, 1, 4)],
)
def test_overlap_on_the_page_is_that_of_python(
    visit, kernel_size, stride, layers, last
):
    page = visit(explorer_page())
    slide(page, kernel_size=kernel_size, stride=stride)
    slide(page, layers=layers, last_kernel_size=last)
    draw(page)
    counts = paint(kernel_size, stride, layers, last)
    ratio = counts.max() / counts.min()
    assert number(page, "overlap-min") == counts.min()
    assert number(page, "overlap-max") == counts.max()
    assert number(page, "overlap-ratio") == pytest.approx(ratio)
    assert number(page, "overlap-ratio-2d") == pytest.approx(ratio**2)
    stated = page.locator("#overlap").inner_text()
    assert stated == ("even" if ratio == 1 else "uneven")


def test_a_kernel_smaller_than_the_stride_leaves_gaps(visit):
    page = visit(explorer_page())
    choose(page, kernel_size=2, stride=3)
    assert number(page, "overlap-ratio") == float("inf")
    assert page.locator("#gaps-note").is_visible()


@pytest.mark.parametrize("upsampler", ["nearest", "bilinear", "subpixel"])
def test_resizing_paints_evenly(visit, upsampler):
    page = visit(explorer_page())
    choose(page, upsampler=upsampler)
    assert number(page, "overlap-ratio") == 1
    assert number(page, "gain-imbalance") < 1e-9


def gains_of(settings, row):
    """Phase gains of a row of weights, the phase of output pixel 0 first."""
    size, stride = int(settings["kernel_size"]), int(settings["stride"])
    upsampler = settings["upsampler"]
    kernel = np.array(row["taps"]).reshape(size, 1, 1)
    if upsampler.startswith("deconv"):
        kernel = np.pad(kernel, [(0, max(stride - size, 0)), (0, 0), (0, 0)])
        gains = np.array(phase_gains(kernel, stride))
        return np.roll(gains, -(max(size - stride, 0) // 2), axis=0)
    if upsampler == "subpixel":
        kernel = np.tile(kernel, (1, 1, stride))
    else:
        kernel = phase_kernel(kernel, [phase_plan(size, stride, upsampler)])
    return np.array(phase_gains(kernel, stride, transposed=False))


@pytest.mark.parametrize("upsampler", UPSAMPLERS)
def test_gains_on_the_page_are_those_of_python(visit, upsampler):
    page = visit(explorer_page())
    for kernel_size, stride in [(5, 2), (4, 3), (2, 3)]:
        choose(page, upsampler, kernel_size=kernel_size, stride=stride)
        settings, row = page.evaluate(
            "(state => [state.settings, state.row])(explorer.state())"
        )
        expected = gains_of(settings, row)
        written = page.locator("#gains data").evaluate_all(
            "nodes => nodes.map(node => Number(node.value))"
        )
        np.testing.assert_allclose(written, expected.ravel(), atol=1e-6)
        assert number(page, "gain-imbalance") == pytest.approx(
            imbalance(expected), abs=1e-6
        )


def painted(state):
    """The page's picture through the layers of the library."""
    settings = state["settings"]
    *kernels, last = [*state["kernels"], None]
    if settings["last_kernel_size"]:
        *kernels, last = kernels
    side = state["input"]["side"]
    x = np.reshape(state["input"]["data"], (1, side, side, 3))
    scale = int(settings["stride"])
    for kernel in kernels:
        x = upsampled(x, as_array(kernel), scale, settings)
    if last is None:
        return np.array(x)
    layer = tfupsample.PaddedConv2D(
        3, last["height"], pad_mode=settings["pad_mode"], **PLAIN
    )
    return with_kernel(layer, x, as_array(last))


PLAIN = {"use_bias": False, "dtype": "float64"}


def as_array(kernel):
    shape = kernel["height"], kernel["width"], 3, 3
    return np.reshape(kernel["taps"], shape)


def upsampled(x, kernel, scale, settings):
    name = settings["upsampler"]
    layer = network_upsampler(
        name, 3, len(kernel), scale, settings["pad_mode"], **PLAIN
    )
    if name.startswith("deconv"):
        kernel = kernel.swapaxes(-1, -2)
    if name == "subpixel":
        kernel = np.tile(kernel, (1, 1, 1, scale**2))
    return with_kernel(layer, x, kernel)


def with_kernel(layer, x, kernel):
    layer.build(x.shape)
    layer.set_weights([kernel])
    return np.array(layer(x))


CASES = [
    ("nearest", "symmetric", 3, 2, 2, 0),
    ("nearest", "constant", 4, 3, 1, 4),
    ("bilinear", "reflect", 5, 2, 1, 0),
    ("bilinear", "edge", 3, 3, 2, 0),
    ("subpixel", "circular", 3, 2, 2, 5),
    ("deconv", "symmetric", 5, 2, 2, 0),
    ("deconv", "reflect", 2, 3, 1, 3),
    ("deconv_balanced", "edge", 5, 4, 1, 2),
]


@pytest.mark.parametrize(
    "upsampler, pad_mode, kernel_size, stride, layers, last", CASES
)
def test_the_picture_is_what_the_layers_of_the_library_paint(
    visit, upsampler, pad_mode, kernel_size, stride, layers, last
):
    page = visit(explorer_page())
    network = {"layers": layers, "last_kernel_size": last}
    layer = {"kernel_size": kernel_size, "stride": stride}
    choose(page, upsampler, pad_mode, **layer, **network)
    state = page.evaluate("explorer.state()")
    expected = painted(state)
    side = state["output"]["side"]
    output = np.reshape(state["output"]["data"], (1, side, side, 3))
    np.testing.assert_allclose(output, expected, atol=1e-6)
    score = coherent_score(expected, stride**layers)
    assert number(page, "coherent-score") == pytest.approx(score, abs=1e-6)


def test_the_checkerboard_comes_with_deconv_and_goes_with_balance(visit):
    page = visit(explorer_page())
    alone = number(page, "shapes-score")
    assert number(page, "coherent-score") > 5 * alone
    choose(page, upsampler="deconv_balanced")
    assert number(page, "coherent-score") < 2 * alone


def test_other_weights_at_the_press_of_a_key(visit):
    page = visit(explorer_page())
    before = page.evaluate("explorer.state().row.taps")
    page.locator("#new-weights").press("Enter")
    assert page.evaluate("explorer.state().row.taps") != before


def test_every_control_is_reached_by_tab_and_shows_it(visit):
    page = visit(explorer_page())
    reached = []
    for _ in range(8):
        page.keyboard.press("Tab")
        name, width = page.evaluate(
            "[document.activeElement.id,"
            "parseFloat(getComputedStyle(document.activeElement).outlineWidth)]"
        )
        reached.append(name)
        assert width >= 2
    controls = ["upsampler", "kernel_size", "stride", "pad_mode", "layers"]
    assert reached == ["", *controls, "last_kernel_size", "new-weights"]


def test_the_numbers_are_announced(visit):
    page = visit(explorer_page())
    choose(page, kernel_size=5, stride=3)
    status = page.locator("[role=status][aria-live=polite]").inner_text()
    assert "2 times the paint" in status
    assert "period 3" in status


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 360])
@pytest.mark.parametrize("stride, layers", [(2, 1), (5, 4)])
def test_the_page_fits_the_screen(
    visit, tmp_path, width, scheme, stride, layers
):
    page = visit(explorer_page(), width, color_scheme=scheme)
    choose(page, stride=stride, layers=layers)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shot = page.screenshot(full_page=True)
    name = f"explorer_{width}_{scheme}_{stride}_{layers}.png"
    (tmp_path / name).write_bytes(shot)
    brightness = np.mean(Image.open(io.BytesIO(shot)).convert("L"))
    assert (brightness > 128) == (scheme == "light")


def test_reduced_motion_means_none(visit):
    page = visit(explorer_page(), reduced_motion="reduce")
    style = "getComputedStyle(document.getElementById('new-weights'))"
    assert page.evaluate(f"{style}.transitionDuration") == "0s"


@pytest.mark.parametrize("width", [1200, 360])
def test_an_inspection_of_hostile_names_runs_none_of_them(visit, width):
    hostile = "<script>window.hacked = 1</script><img src=x onerror=hacked=1>"
    layer = f"{hostile}/{'very_long_name_' * 20}"
    role = "transposed convolution"
    report = LayerReport(layer, hostile, role, (5, 5), (3, 3), 3, "paints")
    finding = Finding(
        layer, hostile, 3, 0.5, hostile, "paints", hostile, hostile
    )
    found = Inspection(hostile, [finding], [report], {"skipped": hostile})
    page = visit(inspection_page(found), width)
    assert page.evaluate("window.hacked") is None
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert number(page, "overlap-ratio") == 2
    assert page.locator("#kernel_size").input_value() == "5"
