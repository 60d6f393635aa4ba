"""Prepares a dataset on disk, once, however many runs ask for it."""

import contextlib
import io
import pathlib
import shutil
import socket
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator

import filelock
import tensorflow_datasets as tfds
from absl import logging

from train.data.images import DataError

CONNECT_SECONDS = 5
PORTS = {"http": 80, "https": 443}


def prepare(builder: tfds.core.DatasetBuilder) -> pathlib.Path:
    """Makes sure that a dataset is on disk.

    Runs that ask for the same dataset at the same time wait for the first
    one; what a killed preparation left behind is removed.

    Args:
        builder: The dataset.

    Returns:
        The directory with the prepared data.

    Raises:
        DataError: The directory cannot be written, the data cannot be
            downloaded, or making it failed.
    """
    directory = pathlib.Path(builder.data_dir)
    if not directory.exists():
        with lock(builder):
            if not directory.exists():
                print(
                    f"Preparing the data set {builder.name} in "
                    f"{builder.data_dir}, once for all runs:",
                    file=sys.stderr,
                    flush=True,
                )
                remove_leftovers(builder)
                check_connection(builder)
                generate(builder)
    return directory


def lock(
    builder: tfds.core.DatasetBuilder,
) -> contextlib.AbstractContextManager:
    """Waits for, and holds, the lock of one dataset in one directory."""
    root = pathlib.Path(builder.data_dir_root)
    try:
        root.mkdir(parents=True, exist_ok=True)
        return filelock.FileLock(root / f".{builder.name}.lock").acquire()
    except OSError as error:
        raise DataError(
            f"Dataset {builder.name!r} cannot be prepared because {root} "
            f"cannot be written ({reason(error)}): name another directory "
            "with --data_dir."
        ) from error


def remove_leftovers(builder: tfds.core.DatasetBuilder) -> None:
    """Removes what killed preparations left; call with the lock held."""
    version = pathlib.Path(builder.data_dir)
    for leftover in version.parent.glob(f"incomplete.*_{version.name}"):
        shutil.rmtree(leftover, ignore_errors=True)


def check_connection(builder: tfds.core.DatasetBuilder) -> None:
    """Fails early where a download would be retried for minutes in vain."""
    urls = [urllib.parse.urlsplit(url) for url in builder.url_infos or ()]
    hosts = [
        (url.hostname, PORTS[url.scheme]) for url in urls if url.scheme in PORTS
    ]
    if not hosts or urllib.request.getproxies():
        return
    try:
        socket.create_connection(hosts[0], CONNECT_SECONDS).close()
    except OSError as error:
        raise DataError(
            f"Dataset {builder.name!r} is not in {builder.data_dir_root} and "
            f"cannot be downloaded (no connection to {hosts[0][0]}): name the "
            "directory that has it with --data_dir, or use --dataset=shapes "
            "or --dataset=folder."
        ) from error


def generate(builder: tfds.core.DatasetBuilder) -> None:
    """Downloads and writes a dataset, with a progress bar on a terminal."""
    if sys.stderr.isatty():
        tfds.enable_progress_bar()
    else:
        tfds.disable_progress_bar()
    try:
        with quiet():
            builder.download_and_prepare()
    # Every dataset has errors of its own.
    except Exception as error:
        raise DataError(
            f"Dataset {builder.name!r} could not be prepared in "
            f"{builder.data_dir_root} ({reason(error)}): free some space or "
            "mend what it names and try again, or use --dataset=shapes or "
            "--dataset=folder."
        ) from error


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Silences what TensorFlow Datasets prints and logs, errors excepted."""
    verbosity = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logging.set_verbosity(verbosity)


def reason(error: BaseException) -> str:
    """Returns the first line of an error's message, or its type if empty."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
