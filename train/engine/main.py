"""An entry point from its command line to its exit status."""

import sys

import keras

from train.data import DataError
from train.engine import checkpoint, devices, hosts
from train.engine.command_line import parse
from train.engine.config import UsageError
from train.engine.dry_run import DryRun
from train.engine.interruptions import NotFinite, Preempted, Terminated, listen


def main(config_class, train, description):
    """Runs `train` with the settings of the command line; sets the status.

    0: done, --dry_run, or SIGTERM while training, with a checkpoint; 1: the
    disk or folder cannot be written, another host is lost, or a defect, with
    its trace; 2: unusable arguments; 3: unusable data or checkpoints; 4: a loss
    is not finite; 130: stopped by Ctrl-C; 143: by SIGTERM, not while training.

    Args:
        config_class: Dataclass of the settings.
        train: Function of a config.
        description: For `--help`.
    """
    listen()
    try:
        config = parse(config_class, sys.argv, description)
        if config.hosts and not hosts.is_worker():
            hosts.check(config)
            sys.exit(hosts.supervise(config))
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
    except (DataError, checkpoint.DamagedCheckpoints) as error:
        _quit(3, error)
    except NotFinite as error:
        _quit(4, error)
    except (OSError, hosts.HostLost) as error:
        _quit(1, error)
    except Preempted:
        _quit(0, "Stopped by SIGTERM. The same command goes on from here.")
    except KeyboardInterrupt:
        _quit(130, "Stopped. The same command goes on from the last epoch.")
    except Terminated:
        _quit(143, "Stopped by SIGTERM, not while training.")


def _deterministic():
    """On the CPU, JAX repeats itself without being asked."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()


def _quit(status, message):
    print(message, file=sys.stderr)
    hosts.leave(status)
