"""Low-pass filters by a Kaiser window, for resampling without aliases."""

import numpy as np

from tfupsample.arguments import finite


def low_pass(cutoff, half_width, attenuation):
    """Returns the checked arguments of `kaiser_taps`, but for `scale`.

    Raises:
        ValueError: for one outside its range.
    """
    return {
        "cutoff": finite("cutoff", cutoff, 0.1, 0.5),
        "half_width": finite("half_width", half_width, 0.02, 0.5),
        "attenuation": finite("attenuation", attenuation, 30, 100),
    }


def kaiser_taps(scale, cutoff, half_width, attenuation):
    """Designs a low-pass filter for images enlarged by zero insertion.

    Each of its phases is divided by its sum, which the design leaves almost but
    not exactly the same: a flat image stays flat. They would differ by about
    as much as the filter attenuates.

    Args:
        scale: Integer factor of the enlargement.
        cutoff: Frequency in cycles per pixel of the smaller image, from 0.1 to
            0.5, above which nothing is resolved.
        half_width: Half the width of the transition from passing to stopping,
            in the same unit, from 0.02 to 0.5. A narrow one takes many taps.
        attenuation: What stays of the frequencies above, as -dB, from 30 to
            100.

    Returns:
        Array `(taps,)` of sum 1, symmetric, as long as the window needs and as
        even or odd as `scale`; one tap for `scale` 1.
    """
    if scale == 1:
        return np.ones(1)
    from scipy import signal  # slow to import

    # Frequencies relative to half the sampling rate of the larger image.
    length, beta = signal.kaiserord(attenuation, 4 * half_width / scale)
    length += (length - scale) % 2
    taps = signal.firwin(length, 2 * cutoff / scale, window=("kaiser", beta))
    for phase in range(scale):
        taps[phase::scale] /= scale * taps[phase::scale].sum()
    return taps
