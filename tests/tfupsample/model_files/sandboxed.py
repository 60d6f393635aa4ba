"""Functions that `test_sandbox` runs in another process."""

import ctypes
import os
import socket
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
    import numpy as np

    return int(np.ones(count, "uint8").sum())


def take_time():
    time.sleep(60)


def misbehave(path, new):
    """Returns which of the ways to leave a trace are refused."""
    native = ctypes.CDLL(None)
    handle = native.creat(new.encode(), 0o600)
    return {
        "write": refused(open, path, "w"),
        "remove": refused(os.remove, path),
        "start": refused(subprocess.run, ["true"]),
        "shell": refused(os.system, "true"),
        "connect": refused(socket.create_connection, ("127.0.0.1", 9)),
        "write natively": native.write(handle, b"x", 1) == -1,
    }


def refused(function, *arguments):
    try:
        function(*arguments)
    except PermissionError:
        return True
    return False
