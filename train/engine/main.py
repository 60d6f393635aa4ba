"""Runs a trainer from its command line to its exit status."""

import sys

import keras

from tfupsample.printable import printable
from train.data import DataError
from train.engine import checkpoint, devices, hosts, supervisor
from train.engine.command import as_typed
from train.engine.command_line import parse
from train.engine.dry_run import DryRun
from train.engine.interruptions import NotFinite, Terminated, listen
from train.engine.options import UsageError


def main(config_class, train, description):
    """Runs `train` with the settings of the command line; sets the status.

    0: done, or --dry_run; 1: the disk or folder cannot be written, or another
    host is lost, or the code has a defect, with a traceback; 2: unusable
    arguments; 3: unusable data or checkpoints; 4: a loss is not finite; 130:
    stopped by Ctrl-C; 143: stopped by SIGTERM.

    Args:
        config_class: The dataclass of the settings.
        train: A function of a config.
        description: Text for `--help`.
    """
    listen()
    try:
        config = parse(config_class, sys.argv, description)
        if config.hosts and not supervisor.is_worker():
            hosts.check(config)
            sys.exit(supervisor.supervise(config))
        if config.deterministic:
            _deterministic()
        with devices.placed(config) as config:
            train(config)
    except hosts.Finished:
        pass
    except DryRun as described:
        print(described)
    except UsageError as error:
        _quit(2, error)
    except (DataError, checkpoint.UnusableCheckpoints) as error:
        _quit(3, error)
    except NotFinite as error:
        _quit(4, error)
    except (OSError, hosts.HostLost) as error:
        _quit(1, error)
    except KeyboardInterrupt:
        _quit(130, "Stopped. Run the same command again to resume.")
    except Terminated:
        _quit(143, "Stopped by SIGTERM. Run the same command again to resume.")


def _deterministic():
    """Makes runs repeat bit for bit; JAX on the CPU always does."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()


def _quit(status, message):
    print(as_typed(printable(message)), file=sys.stderr)
    supervisor.leave(status)
