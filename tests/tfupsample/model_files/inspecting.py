"""What `test_mutations` and `test_large_models` run in another process.

The libraries are imported with this module: under the limits of the sandbox
some could not start.
"""

import time

from peak_memory import peak_mb

from tfupsample.errors import UnusableInput
from tfupsample.inspection.inspect_file import inspect_file


def inspect_all(paths):
    """Outcome and seconds of each file, and the peak memory in MB."""
    outcomes = []
    for path in paths:
        began = time.monotonic()
        try:
            inspect_file(path, samples=2)
            outcome = "inspected"
        except UnusableInput as error:
            outcome = "refused"
            assert len(str(error)) < 2000, error
        except Exception as error:
            outcome = repr(error)[:300]
        outcomes.append((outcome, time.monotonic() - began))
    return outcomes, peak_mb()


def inspect_one(path):
    """What is found in a file, processor seconds, and peak memory in MB."""
    began = time.process_time()
    return inspect_file(path), time.process_time() - began, peak_mb()
