"""When the phase form is faster than the plain one: the rule of `auto`.

python -m benchmarks.implementations
"""

from benchmarks import compiled, timing
from tfupsample import ResizeConv2D
from tfupsample.ops.phase_form import phase_plan

SHAPES = {
    "16x16x16 128->64": ((16, 16, 16, 128), 64),
    "16x16x16 64->8": ((16, 16, 16, 64), 8),
    "2x64x64 64->32": ((2, 64, 64, 64), 32),
}
CASES = [(2, k) for k in (1, 2, 3, 4, 5, 7)] + [(3, 1), (3, 3), (3, 5), (4, 3)]
ROUNDS = 5


def ratios(interpolation, scale, kernel_size):
    """Returns phase over plain: arithmetic, and time of each shape and form."""
    taps = phase_plan(kernel_size, scale, interpolation).taps
    row = {
        "interpolation": interpolation,
        "scale": scale,
        "kernel_size": kernel_size,
        "arithmetic": round((taps / kernel_size) ** 2, 3),
    }
    for name, (shape, filters) in SHAPES.items():
        for form in (compiled.forward, compiled.step):
            runs = {
                implementation: form(
                    ResizeConv2D(
                        filters,
                        kernel_size,
                        scale,
                        interpolation,
                        implementation=implementation,
                    ),
                    shape,
                    False,
                )
                for implementation in ("phase", "plain")
            }
            times = timing.interleaved(runs, ROUNDS)
            row[f"{name}, {form.__name__}"] = timing.ratio(
                times["phase"], times["plain"]
            )
    return row


def main():
    """Prints the rows and writes them."""
    rows = []
    for interpolation in ("nearest", "bilinear"):
        for scale, kernel_size in CASES:
            rows.append(ratios(interpolation, scale, kernel_size))
            print(rows[-1], flush=True)
    print(timing.write("implementations", {"rounds": ROUNDS, "rows": rows}))


if __name__ == "__main__":
    main()
