"""Several hosts that train one model together, on the JAX backend.

The same command runs on each host, with its own `--host_index`. There the
process that trains is a child of one that supervises it: see
`train.engine.supervisor`.
"""

import contextlib
import os
import re
import sys
import tempfile
import threading

import keras
import numpy as np

from train.engine import checkpoint
from train.engine.options import UsageError

_ARRIVAL = 300  # seconds to wait for other hosts at the start
_SILENCE = 30  # seconds without a sign of life after which a host is lost


class Finished(Exception):
    """The training is done; host 0 does the rest."""


class HostLost(Exception):
    """Another host does not answer; the message is for the user."""


def check(config):
    """Raises a `UsageError` if `--hosts` and `--host_index` cannot be used."""
    if config.hosts:
        if keras.backend.backend() != "jax":
            raise UsageError(
                "Several hosts need KERAS_BACKEND=jax, because Keras cannot "
                "fit on several hosts with TensorFlow "
                "(https://github.com/keras-team/keras/issues/20585)."
            )
        names = config.hosts.split(",")
        wrong = [n for n in names if not re.fullmatch(r"[^:]+:\d+", n)]
        if wrong or len(names) < 2:
            raise UsageError(
                "--hosts must be two or more HOST:PORT, separated by commas. "
                f"Received: {config.hosts}"
            )
    if not 0 <= config.host_index < count(config):
        raise UsageError(
            f"--host_index must be from 0 to {count(config) - 1}, the index of "
            f"this host in --hosts. Received: {config.host_index}"
        )


def count(config):
    """Returns how many hosts share a batch."""
    return len(config.hosts.split(","))


def lost_message(config):
    """Returns what to tell the user when a host is lost."""
    return (
        f"Host {config.host_index} of {count(config)} stopped: it was killed, "
        "or another host was lost or never came. Run the same command on all "
        "hosts again to resume from the last checkpoint."
    )


@contextlib.contextmanager
def joined(config):
    """Connects to the other hosts, if there are any.

    Yields:
        The folder of the run; on all hosts but the first, which print nothing,
        a temporary one.

    Raises:
        HostLost: if another host does not answer.
    """
    if not config.hosts:
        yield config.workdir
        return
    import jax

    _die_with_supervisor()
    try:
        jax.distributed.initialize(
            config.hosts.split(",")[0],
            count(config),
            config.host_index,
            initialization_timeout=_ARRIVAL,
            heartbeat_timeout_seconds=_SILENCE,
        )
        with _folder(config) as folder:
            yield folder
    except jax.errors.JaxRuntimeError as error:
        reason = str(error).splitlines()[0]
        raise HostLost(f"{lost_message(config)} ({reason})") from error


def _die_with_supervisor():
    def wait():
        os.read(sys.stdin.fileno(), 1)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


@contextlib.contextmanager
def _folder(config):
    """Yields the folder of the run; only host 0 writes it and prints.

    The other hosts get a temporary folder, and their standard output is
    silenced.
    """
    if config.host_index == 0:
        yield config.workdir
        return
    print("Host 0 writes the run and prints its progress.", flush=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        open(os.devnull, "w") as nothing,
        contextlib.redirect_stdout(nothing),
    ):
        yield folder


def agree(config, model, position):
    """Gives all hosts the state of host 0, the only one with checkpoints.

    Args:
        config: A `BasicConfig`.
        model: A compiled and built `keras.Model`, whose state is set.
        position: The position of the training, `(epoch, step)`.

    Returns:
        The position of host 0.
    """
    if not config.hosts:
        return position
    from jax.experimental import multihost_utils

    state = checkpoint.variables(model)
    values = [np.asarray(variable) for variable in state]
    position, values = multihost_utils.broadcast_one_to_all(
        (np.array(position), values)
    )
    for variable, value in zip(state, values, strict=True):
        variable.assign(value)
    return tuple(position.tolist())


def part(config):
    """Disconnects from the other hosts after the last step.

    Raises:
        Finished: on all hosts but the first.
    """
    if not config.hosts:
        return
    import jax

    jax.distributed.shutdown()
    if config.host_index:
        raise Finished
