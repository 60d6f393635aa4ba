"""What programs of this project set before TensorFlow is imported.

Importing the library sets nothing; only its commands and trainers do.
"""

import contextlib
import os
import sys
import tempfile

from tfupsample.import_hooks import around_import


def prepare():
    """Sets what TensorFlow reads when it is imported, unless it is set.

    oneDNN convolves faster than Eigen does, and TensorFlow switches it on by
    itself only where the processor has AVX-512 or AMX (docs/devices.md). Its
    notes on processors and missing GPUs would bury what a program says; real
    errors are Python exceptions.
    """
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    # Also 3 where a program of this project has started this one.
    if os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3") == "3":
        around_import("tensorflow", _quiet)


@contextlib.contextmanager
def _quiet():
    """Keeps standard error clear of what libraries write there.

    While TensorFlow is imported it heeds no level. What was written is shown
    after all if the import fails.
    """
    sys.stderr.flush()
    terminal = os.dup(2)
    with tempfile.TemporaryFile() as written:
        os.dup2(written.fileno(), 2)
        try:
            yield
        except BaseException:
            written.seek(0)
            os.write(terminal, written.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(terminal, 2)
            os.close(terminal)
