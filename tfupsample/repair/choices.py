"""What a repair can do and what it accepts; importing this needs no Keras."""

METHODS = ("balance", "ramps", "resize", "smooth", "pad")

DISTILL_STEPS = 800
"""The default number of distillation steps for a repair that needs them."""

CLEAN_DB = 1.5
"""The largest mean prominence of a clean period; photographs have 0."""

CLEAN_COHERENT = 0.05
"""The same for the coherent score, if pictures are too small for dB."""

FAITHFUL_DB = 28.0
"""The PSNR to the unrepaired outputs that a repair must reach by default."""

CLOSE_DB = 32.0
"""PSNR above which a repair in closed form is not worth distilling."""
