"""Functions that `test_sandbox` runs in another process."""

import ctypes
import os
import subprocess
import sys
import time

from tfupsample.errors import UnusableInput


def answer(x):
    print("no answer")
    return {"x": x, "path": sys.path}


def refuse():
    raise UnusableInput("A sentence.")


def fail():
    return 1 / 0


def crash():
    ctypes.string_at(0)


def recur():
    recur()


def take_memory(count):
    return len(bytes(count))


def take_memory_natively(count):
    import numpy as np

    return int(np.ones(count, "uint8").sum())


def take_time():
    time.sleep(60)


def write(path):
    with open(path, "w") as file:
        file.write("x")


def write_natively(path):
    handle = ctypes.CDLL(None).creat(path.encode(), 0o600)
    return ctypes.CDLL(None).write(handle, b"x", 1)


def start():
    subprocess.run(["true"])


def remove(path):
    os.remove(path)


def inspect_all(paths):
    """Outcome and seconds of each file, and the peak memory in MB."""
    import resource

    from tfupsample.inspection.inspect_file import inspect_file

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
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    return outcomes, peak
