import base64
import hashlib
import re

import keras
import pytest
from page_elements import Elements

from tfupsample.cli import main
from tfupsample.inspection.findings import Finding, Inspection, LayerReport
from tfupsample.inspection.inspect import inspect_model
from tfupsample.report.explorer import explorer_page
from tfupsample.report.html import inspection_page, repair_page
from tfupsample.report.page import asset
from tfupsample.report.tables import overlap_pattern

HOSTILE = "<script>document.title='\"'</script>&amp;"
PNG = b"\x89PNG\r\n\x1a\n"


def finding(layer="up", severity="paints", **changes):
    values = dict(
        kind="uneven overlap",
        period=2,
        magnitude=0.5,
        unit="of the taps",
        message="Phases differ.",
        advice="Use ResizeConv2D.",
    )
    return Finding(layer, severity=severity, **(values | changes))


def layer(name="up", kernel_size=(5, 5), strides=(3, 3)):
    return LayerReport(
        name,
        "Conv2DTranspose",
        "transposed convolution",
        kernel_size,
        strides,
        2,
        "paints",
    )


def inspection(findings=(), layers=(), model="net"):
    return Inspection(model, findings, layers, {"skipped": "Not asked for."})


REPAIR = {
    "output": HOSTILE,
    "method": HOSTILE,
    "model": HOSTILE,
    "stopped": HOSTILE,
    "warnings": [HOSTILE],
    "notes": [HOSTILE],
    "distillation_steps": 7,
    "psnr_db": 29.4,
    "clean": False,
    "moved": {HOSTILE: 0.125},
    "before": {"2": {"coherent": 0.3, "prominence_db": 7.41, "worst_db": 9.0}},
    "after": {"2": {"coherent": 0.1, "prominence_db": 2.41, "worst_db": 3.0}},
}


def pages():
    hostile = [finding(HOSTILE, kind=HOSTILE, message=HOSTILE, advice=HOSTILE)]
    names = inspection(hostile, [layer(HOSTILE)], HOSTILE)
    return {
        "explorer": explorer_page(),
        "inspection": inspection_page(names, PNG),
        "repair": repair_page(REPAIR, PNG),
    }


@pytest.mark.parametrize("name", ["explorer", "inspection", "repair"])
def test_a_page_loads_nothing(name):
    elements = Elements(pages()[name])
    for tag, attributes in elements.found:
        assert not attributes.get("src", "data:").startswith(("http", "//"))
        if tag == "link":
            assert attributes["href"] == "data:,"
    assert "@import" not in pages()[name]
    assert "url(" not in pages()[name]


@pytest.mark.parametrize("name", ["explorer", "inspection", "repair"])
def test_the_policy_allows_the_one_script_and_style_and_no_other(name):
    page = pages()[name]
    policy = Elements(page).all("meta")[1]["content"]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for tag in ("script", "style"):
        (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = hashlib.sha256(content.encode()).digest()
        assert f"{tag}-src 'sha256-{base64.b64encode(digest).decode()}'" in (
            policy
        )


@pytest.mark.parametrize("name", ["inspection", "repair"])
def test_names_are_text_and_never_elements(name):
    elements = Elements(pages()[name])
    assert len(elements.all("script")) == 1
    assert HOSTILE in elements.text


def test_the_title_is_the_file_that_was_inspected():
    page = inspection_page(inspection(model="net"), source="<a>\x1b.keras")
    assert "<title>Inspection of &lt;a&gt;\\x1b.keras</title>" in page
    assert "\x1b" not in page and "net" not in Elements(page).text[:300]


def test_every_label_names_a_control():
    elements = Elements(explorer_page())
    ids = [a["id"] for _, a in elements.found if "id" in a]
    assert len(set(ids)) == len(ids)
    controls = {a["id"] for t in ("input", "select") for a in elements.all(t)}
    assert {a["for"] for a in elements.all("label")} == controls


@pytest.mark.parametrize(
    "severities, verdict",
    [
        (["paints", "note"], "This model paints a pattern or a border"),
        (["may paint"], "This model may paint a pattern or a border"),
        (["note"], "This model paints no pattern"),
        ([], "Nothing here paints"),
    ],
)
def test_the_verdict_is_that_of_the_worst_finding(severities, verdict):
    findings = [finding(severity=severity) for severity in severities]
    text = Elements(inspection_page(inspection(findings))).text
    assert verdict in text
    assert f"{severities.count('paints')} that paint," in text


def test_the_explorer_starts_at_the_layer_with_the_worst_finding():
    layers = [layer("first", (4, 4), (2, 2)), layer("worst")]
    findings = [finding("worst"), finding("first", "may paint")]
    page = inspection_page(inspection(findings, layers))
    starts = {a["id"]: a["value"] for a in Elements(page).all("input")}
    assert (starts["kernel_size"], starts["stride"]) == ("5", "3")


def test_the_explorer_starts_inside_its_range():
    findings, layers = [finding()], [layer("up", (11, 3), (8, 1))]
    page = inspection_page(inspection(findings, layers))
    starts = {a["id"]: a["value"] for a in Elements(page).all("input")}
    assert (starts["kernel_size"], starts["stride"]) == ("9", "5")


def test_a_real_inspection_shows_findings_layers_and_scores():
    model = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            keras.layers.Conv2DTranspose(3, 3, 2, padding="same", name="up"),
        ]
    )
    found = inspect_model(model, samples=4)
    text = Elements(inspection_page(found)).text
    for expected in (found.findings[0].message, "Variance ratio", "3×3"):
        assert expected in text


def test_a_repair_shows_scores_before_and_after_and_movement():
    text = Elements(repair_page(REPAIR, PNG)).text
    for expected in ("7.41 → 2.41", "12.5%", "29.4 dB", "7 steps"):
        assert expected in text
    assert "A pattern is left" in text
    assert not Elements(repair_page(REPAIR)).all("img")


def test_a_picture_of_overlap_has_the_ratio_of_the_article():
    """Kernel 3, stride 2: one to two on an axis, one to four on two."""
    assert shades(overlap_pattern((3, 3), (2, 2))) == {
        "0.25": 4,
        "0.50": 8,
        "1.00": 4,
    }
    assert shades(overlap_pattern((3,), (2,))) == {"0.50": 2, "1.00": 2}
    assert overlap_pattern((3, 3), (1, 1)) == ""


def shades(svg):
    """How many squares each shade has."""
    paths = re.findall(r'd="(.*?)" fill-opacity="(.*?)"', svg)
    return {shade: path.count("M") for path, shade in paths}


def test_a_page_of_a_thousand_layers_stays_under_two_megabytes():
    names = [f"block_{i}/up" for i in range(1000)]
    found = inspection([*map(finding, names)], [*map(layer, names)])
    assert len(inspection_page(found).encode()) < 2_000_000


def test_colours_have_contrast_in_both_schemes():
    """At least 4.5 to 1, the AA level of WCAG 2 for text."""
    schemes = asset("page.css").split("prefers-color-scheme: dark")
    for scheme in schemes:
        colours = dict(re.findall(r"--([\w-]+): (#\w{6});", scheme))
        for text in ("ink", "quiet", "accent"):
            for ground in ("page", "surface", "faint"):
                assert contrast(colours[text], colours[ground]) >= 4.5
        assert contrast(colours["on-accent"], colours["accent"]) >= 4.5


def contrast(one, other):
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4
        for p in parts
    ]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear))


def test_the_command_writes_the_explorer(tmp_path, capsys):
    path = tmp_path / "explorer.html"
    assert main(["explore", "-o", str(path)]) == 0
    assert path.read_text("utf-8") == explorer_page()
    assert capsys.readouterr().out == f"{path}\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_written_is_named(tmp_path, capsys):
    path = tmp_path / "missing" / "explorer.html"
    assert main(["explore", "-o", str(path)]) == 2
    assert f"{path} cannot be written" in capsys.readouterr().err
