"""Scores of super-resolution as the papers measure them.

The luma of a picture (ITU-R BT.601, 8 bits in 16..235) is made smaller with
MATLAB's bicubic `imresize`, enlarged, rounded to 8 bits and compared with the
original, except for `scale` pixels at each border.
"""

import pathlib

import numpy as np

from models.super_resolution import LUMA
from tfupsample.measures.pattern import pattern_strength
from train.data.degrade import cropped, imresize, low_resolution
from train.data.folder import list_pictures
from train.data.photographs import read_picture
from train.engine.options import UsageError
from train.evaluation.enlarge import enlarge, scale_of


def read_tests(folder):
    """Returns `{file: luma}`, each `(height, width, 1)` in 16..235.

    Raises:
        DataError: There is no such folder or no picture in it, or a picture
            cannot be read.
        UsageError: scikit-image is not installed.
    """
    try:
        import skimage.metrics  # noqa: F401
    except ImportError as error:
        raise UsageError(
            "--test_dir needs scikit-image: pip install scikit-image."
        ) from error
    root = pathlib.Path(folder)
    return {
        str(path.relative_to(root)): luma_8_bit(read_picture(path))
        for path in list_pictures(root, given=folder)
    }


def luma_8_bit(picture):
    """Returns the rounded luma of `rgb2ycbcr`, in 16..235.

    Args:
        picture: uint8 `(height, width, 3)`.

    Returns:
        `(height, width, 1)`, float64.
    """
    return np.rint(16 + 219 / 255 * (picture @ np.array(LUMA)[:, None]))


def score(model, tests):
    """Returns `{name: {"bicubic": figures, "network": figures}}`.

    Args:
        model: A network of `models.super_resolution`.
        tests: The result of `read_tests`.

    Returns:
        The figures are `psnr_db`, `ssim` (1 for equal pictures) and
        `pattern_db`, the `pattern_strength` at the period of the scale. The
        last row is the `"mean"` over the pictures.
    """
    scale = scale_of(model)
    rows = {}
    for name, luma in tests.items():
        true = cropped(luma, scale)
        low = low_resolution(true, scale)
        made = {
            "bicubic": imresize(low, *true.shape[:2]),
            "network": _enlarged_luma(model, low),
        }
        rows[name] = {k: _figures(true, v, scale) for k, v in made.items()}
    rows["mean"] = {
        method: {
            figure: float(
                np.mean([row[method][figure] for row in rows.values()])
            )
            for figure in ("psnr_db", "ssim", "pattern_db")
        }
        for method in ("bicubic", "network")
    }
    return rows


def _enlarged_luma(model, luma):
    grey = np.repeat((luma - 16) / 219 * 2 - 1, 3, axis=-1)
    return 16 + 219 * (enlarge(model, grey)[..., :1] + 1) / 2


def _figures(true, made, scale):
    from skimage.metrics import structural_similarity

    inside = slice(scale, -scale)
    true, made = (
        np.clip(np.rint(luma[inside, inside]), 0, 255)[..., 0]
        for luma in (true, made)
    )
    return {
        "psnr_db": float(
            10 * np.log10(255**2 / max(np.mean((true - made) ** 2), 1e-9))
        ),
        "ssim": float(
            structural_similarity(
                true,
                made,
                data_range=255,
                gaussian_weights=True,
                sigma=1.5,
                use_sample_covariance=False,
            )
        ),
        "pattern_db": float(pattern_strength(made[None, ..., None], scale)[0]),
    }


def flat_pattern(model):
    """Returns how far apart the pixels of an enlarged flat picture are.

    Args:
        model: A network of `models.super_resolution`.

    Returns:
        The largest difference within a picture, away from its border, among 17
        greys, in steps of 8 bits. 0: flat pictures stay flat, so the phase
        gains are equal.
    """
    greys = np.linspace(-1, 1, 17)[:, None, None, None]
    flat = np.broadcast_to(greys, (17, 48, 48, 3)).astype("float32")
    made = np.asarray(model.predict_on_batch(flat)) * 127.5
    inside = slice(made.shape[1] // 3, 2 * made.shape[1] // 3)
    return float(np.ptp(made[:, inside, inside], axis=(1, 2)).max())


def table(rows):
    """Returns a table of the result of `score`."""
    lines = [f"{'':24}{'bicubic':^16}{'network':^16}"]
    for name, row in rows.items():
        values = [
            f"{row[method]['psnr_db']:8.2f} {row[method]['ssim']:.4f} "
            for method in ("bicubic", "network")
        ]
        lines.append(f"{name[-23:]:24}" + "".join(values))
    return "\n".join(lines)
