"""Draws one shaded shape on a shaded ground, from numbers alone.

Everything is computed from distances in continuous coordinates, so no position
on the pixel grid is special. Lengths are fractions of the image side, angles
and hues are turns in [0, 1), arrays are float32.
"""

import numpy as np
from numpy.typing import ArrayLike

SHAPES = ("circle", "ring", "square", "triangle", "star", "cross")
EDGE_PIXELS = 1.5
Pair = tuple[np.ndarray, np.ndarray]


def draw(factors: dict[str, np.ndarray], image_size: int) -> np.ndarray:
    """Draws a batch of pictures.

    Args:
        factors: Name to array of shape (n,): `shape` indexes `SHAPES`; `hue`
            and `background` are hues; `size` is the radius of the circle
            around the shape; `angle` turns the shape; `x` (rightwards) and
            `y` (downwards) place its centre; `light` is the direction that
            light comes from.
        image_size: Side in pixels.

    Returns:
        A uint8 array (n, image_size, image_size, 3).
    """
    column = {
        name: np.asarray(values, np.float32)[:, None, None]
        for name, values in factors.items()
    }
    place = (np.arange(image_size, dtype=np.float32) + 0.5) / image_size
    right, down = place[None, None, :], place[None, :, None]
    u, v = right - column["x"], down - column["y"]
    toward = direction(column["light"])
    front = shape_light(u, v, column["size"], toward)
    ground = ground_light(right, down, toward)
    ground = ground * shadow(u, v, column["size"], toward)

    inside = coverage(distance(u, v, column, factors["shape"]), image_size)
    front_colour = colour(factors["hue"], saturation=0.8, value=1.0)
    ground_colour = colour(factors["background"], saturation=0.5, value=0.75)
    picture = ground[..., None] * ground_colour
    picture += inside[..., None] * (front[..., None] * front_colour - picture)
    return np.round(255 * np.clip(picture, 0, 1)).astype(np.uint8)


def direction(turns: np.ndarray) -> Pair:
    """Returns the unit vector at an angle."""
    return np.cos(2 * np.pi * turns), np.sin(2 * np.pi * turns)


def shape_light(
    u: np.ndarray, v: np.ndarray, size: np.ndarray, toward: Pair
) -> np.ndarray:
    """Brightness on the shape: a soft spot on the side of the light."""
    spot_u, spot_v = u - 0.4 * size * toward[0], v - 0.4 * size * toward[1]
    return 0.55 + 0.45 * np.exp(-(spot_u**2 + spot_v**2) / size**2)


def ground_light(
    right: np.ndarray, down: np.ndarray, toward: Pair
) -> np.ndarray:
    """Brightness of the ground: rises evenly towards the light."""
    return 0.8 + 0.4 * (toward[0] * (right - 0.5) + toward[1] * (down - 0.5))


def shadow(
    u: np.ndarray, v: np.ndarray, size: np.ndarray, toward: Pair
) -> np.ndarray:
    """Darkening of the ground: a soft spot away from the light."""
    spot_u, spot_v = u + 0.3 * size * toward[0], v + 0.3 * size * toward[1]
    return 1 - 0.4 * np.exp(-(spot_u**2 + spot_v**2) / size**2)


def coverage(distance: np.ndarray, image_size: int) -> np.ndarray:
    """Turns signed distance into opacity, 1 inside, smooth over the edge."""
    ramp = np.clip(0.5 - distance * (image_size / EDGE_PIXELS), 0, 1)
    return ramp * ramp * (3 - 2 * ramp)


def colour(hue: ArrayLike, saturation: float, value: float) -> np.ndarray:
    """Converts hues (n,) to RGB of shape (n, 1, 1, 3) in [0, 1]."""
    sector = 6 * np.asarray(hue, np.float32)[:, None] + np.array(
        [0, 4, 2], np.float32
    )
    pure = np.clip(np.abs(sector % 6 - 3) - 1, 0, 1)
    return (value * (1 - saturation * (1 - pure)))[:, None, None, :]


def distance(
    u: np.ndarray,
    v: np.ndarray,
    column: dict[str, np.ndarray],
    shape: ArrayLike,
) -> np.ndarray:
    """Signed distance to the outline, negative inside, for mixed shapes."""
    cos, sin = direction(column["angle"])
    u, v = cos * u + sin * v, cos * v - sin * u
    result = np.empty(u.shape, np.float32)
    for index, name in enumerate(SHAPES):
        chosen = np.asarray(shape) == index
        result[chosen] = OUTLINES[name](
            u[chosen], v[chosen], column["size"][chosen]
        )
    return result


def circle(u: np.ndarray, v: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Distance to a circle."""
    return np.hypot(u, v) - size


def ring(u: np.ndarray, v: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Distance to a ring, whose hole has 0.45 of the outer radius."""
    return np.abs(np.hypot(u, v) - 0.725 * size) - 0.275 * size


def beyond_edges(u: np.ndarray, v: np.ndarray, sides: int) -> np.ndarray:
    """Distances to the edges of a regular polygon, before its apothem."""
    turns = np.arange(sides, dtype=np.float32) / sides
    normals = np.stack(direction(turns), axis=1)
    return np.stack([u * right + v * down for right, down in normals])


def square(u: np.ndarray, v: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Distance to a square, exact except near corners outside."""
    return beyond_edges(u, v, 4).max(axis=0) - size * np.cos(np.pi / 4)


def triangle(u: np.ndarray, v: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Distance to a triangle, exact except near corners outside."""
    return beyond_edges(u, v, 3).max(axis=0) - size * np.cos(np.pi / 3)


def star(u: np.ndarray, v: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Distance to a five-pointed star, exact near its edges.

    A point of the star may lie beyond one of the five lines, not beyond two.
    """
    second = np.sort(beyond_edges(u, v, 5), axis=0)[-2]
    return second - size * np.cos(2 * np.pi / 5)


def cross(u: np.ndarray, v: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Distance to a cross of two bars, exact near its edges."""
    u, v = np.abs(u), np.abs(v)
    length, width = 0.95 * size, 0.3 * size
    flat = np.maximum(u - length, v - width)
    upright = np.maximum(u - width, v - length)
    return np.minimum(flat, upright)


OUTLINES = {
    "circle": circle,
    "ring": ring,
    "square": square,
    "triangle": triangle,
    "star": star,
    "cross": cross,
}
