"""What the scores of an inspection mean, for all who print them."""

WORDS = {
    "ripple": "the share of the outputs' spread that is a pattern of this "
    "period, when flat inputs go in: 0 is no pattern",
    "coherent": "the share of the outputs' spread that the same pattern has in "
    "all of them: 0 is no pattern",
    "variance_ratio": "how much more the pixels at one place of the pattern "
    "vary than those at another: 1 is no pattern",
    "prominence": "how far the pattern's frequencies stand out of the spectrum "
    "around them, in dB, on average: about 0 is no pattern",
    "worst_prominence": "the same of the frequency that stands out most",
    "share": "the share of the gradient that is a pattern: 0 is none",
}


def explained(names):
    """Returns `{name: meaning}` of the scores that occur, in a fixed order."""
    return {name: WORDS[name] for name in WORDS if name in set(names)}
