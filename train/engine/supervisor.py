"""Supervises the process that trains on one of several hosts.

When a host is lost, JAX aborts the processes that train on the others. So each
of them is the child of a process that says what happened.
"""

import os
import re
import signal
import subprocess
import sys

from train.engine.hosts import HostLost, lost_message

_WORKER = "TFUPSAMPLE_HOST_WORKER"  # set for the process that trains
_ABORTED = re.compile(r"F\d{4} ")  # the first line of an abort by JAX


def is_worker():
    """Returns whether `supervise` started this process."""
    return _WORKER in os.environ


def supervise(config):
    """Runs this program again to train; returns its exit status.

    Args:
        config: A `BasicConfig` with `hosts`.

    Raises:
        HostLost: if it was killed, or JAX aborted it because a host is lost.
    """
    with subprocess.Popen(
        [sys.executable, *sys.orig_argv[1:]],
        stdin=subprocess.PIPE,  # which closes when this process dies
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {_WORKER: "1"},
        start_new_session=True,  # Ctrl-C comes from here, once
    ) as worker:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, _: worker.send_signal(number))
        aborted = _pass_on(worker.stderr)
        status = worker.wait()
    if status < 0 or aborted:
        raise HostLost(lost_message(config))
    return status


def leave(status):
    """Ends this process, without waiting for other hosts."""
    if is_worker():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


def _pass_on(lines):
    """Prints a worker's standard error; returns whether JAX aborted it.

    What follows the abort is left out, such as its own words on a lost host.
    """
    aborted = False
    for line in lines:
        aborted = aborted or _ABORTED.match(line)
        if not aborted:
            print(line, end="", file=sys.stderr, flush=True)
    return aborted
