"""What a repair can do and what it accepts; importing this needs no Keras."""

METHODS = ("balance", "resize", "smooth", "pad")

DISTILL_STEPS = 800
"""Steps of distillation where a repair needs it and none are asked for."""

CLEAN_DB = 1.5
"""Mean prominence up to which a period counts as clean; photographs have 0."""

CLEAN_COHERENT = 0.05
"""The same for the coherent score, where pictures are too small for dB."""

FAITHFUL_DB = 28.0
"""PSNR to the unrepaired outputs from which they count as the same."""
