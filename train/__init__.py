"""Entry points: one trainer a model, `python -m train.dcgan`."""

import os

# Before TensorFlow is imported: its notes on processors and missing GPUs would
# bury the progress of a run. Real errors are Python exceptions.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
