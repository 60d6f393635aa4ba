"""Sends a large picture through networks in tiles, without a seam.

    python examples/tiles_with_overlap.py [PICTURE]

What a network makes of a tile is wrong near its edges, where it cannot see how
the picture continues. Two trained networks of this package, one that doubles
pictures and one that rebuilds them from a code of an eighth of their sides,
get a picture (a photograph of scikit-image by default) as a whole, in tiles
side by side, and in tiles that overlap by as much as the network sees.

Prints the largest difference from the whole, in grey levels of 255. Draws a
part of the rebuilt picture where four tiles meet, side by side and
overlapping, and below it the difference from the whole, magnified tenfold.

Takes about ten seconds on two cores.
"""

import argparse
import pathlib

import numpy as np
from skimage import data

from tfupsample import load_pretrained
from tfupsample.images import files
from tfupsample.images.arrays import picture, to_uint8
from tfupsample.images.tiling import apply_tiled
from tfupsample.pretrained.load import find_entry

NETWORKS = ("super_resolution_photos_x2", "autoencoder_photos64_nearest")


def side_by_side(function, image, tile):
    """Returns the results of tiles that share nothing."""
    rows = [
        [
            function(image[None, i : i + tile, j : j + tile])[0]
            for j in range(0, image.shape[1], tile)
        ]
        for i in range(0, image.shape[0], tile)
    ]
    return np.concatenate([np.concatenate(row, axis=1) for row in rows])


def results(name, image, tile):
    """Returns what a network makes of a picture: whole, tiled, overlapping."""
    card = find_entry(name).card  # says how far the network looks
    function = load_pretrained(name).serve
    return (
        np.asarray(function(image[None])[0]),
        side_by_side(function, image, tile),
        apply_tiled(
            function,
            image,
            tile,
            context=card["reach"],
            scale=card["scale"],
            multiple=card["multiple"],
        ),
    )


def main(argv=None):
    """Compares; returns the largest differences `{name: (apart, shared)}`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("picture", nargs="?", type=pathlib.Path)
    parser.add_argument("--toy", action="store_true", help="a small part only")
    parser.add_argument("-o", "--output", default="runs/examples")
    arguments = parser.parse_args(argv)
    image = (
        files.read(arguments.picture).colours
        if arguments.picture
        else data.coffee().astype("float32") / 127.5 - 1
    )
    tile, side = (80, 112) if arguments.toy else (160, None)
    height, width = (n // 8 * 8 for n in image.shape[:2])
    image = image[:height, :width][:side, :side]
    found = {}
    for name in NETWORKS:
        whole, apart, shared = results(name, image, tile)
        errors = [127.5 * np.abs(x - whole) for x in (apart, shared)]
        found[name] = tuple(float(error.max()) for error in errors)
        print(
            "{}: side by side {:.2g}, overlapping {:.2g}".format(
                name, *found[name]
            )
        )
    corner = tuple(slice(tile - 48, tile + 48) for _ in range(2))
    rows = [
        np.concatenate([part[corner] for part in parts], axis=1)
        for parts in (
            [to_uint8(apart), to_uint8(shared)],
            [np.minimum(10 * e, 255).astype("uint8") for e in errors],
        )
    ]
    folder = pathlib.Path(arguments.output)
    folder.mkdir(parents=True, exist_ok=True)
    drawn = picture(np.concatenate(rows), zoom=3)
    drawn.save(folder / "tiles_with_overlap.jpg", quality=85)
    return found


if __name__ == "__main__":
    main()
