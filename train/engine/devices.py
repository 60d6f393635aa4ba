"""Chooses the devices and the precision of a training.

A training runs on one or several devices of one host, on TensorFlow
(`tf.distribute`) or JAX (`keras.distribution`), or on several hosts on JAX
(`train.engine.hosts`). `train.engine.sharing` shares the batches among them.
"""

import contextlib
import dataclasses

import keras

from train.engine import hosts
from train.engine.options import UsageError


@contextlib.contextmanager
def placed(config):
    """Sets devices and precision for a model that is built and trained inside.

    Args:
        config: A `BasicConfig`.

    Yields:
        The config with the precision that `auto` stands for and, on a host that
        does not write the run, with a temporary folder.

    Raises:
        UsageError: if there are no such devices, or they cannot share a batch,
            or Keras uses a backend other than TensorFlow and JAX.
    """
    backend = keras.backend.backend()
    if backend not in _BACKENDS:
        raise UsageError(
            "Trainers need TensorFlow or JAX: set KERAS_BACKEND=tensorflow or "
            f"KERAS_BACKEND=jax. Received: KERAS_BACKEND={backend}"
        )
    hosts.check(config)
    with hosts.joined(config) as folder:
        kind, scope = _BACKENDS[backend](config)
        precision = resolved(config.precision, kind)
        keras.config.set_dtype_policy(precision)
        with scope:
            yield dataclasses.replace(
                config, precision=precision, workdir=folder
            )


def resolved(precision, kind):
    """Returns the precision to use on a `cpu`, `gpu` or `tpu`."""
    if precision != "auto":
        return precision
    return "float32" if kind == "cpu" else "mixed_bfloat16"


def counted(config, available):
    """Returns how many devices of this host share a batch.

    Args:
        config: A `BasicConfig`.
        available: The number of devices that there are.

    Raises:
        UsageError: if there are too few, or they cannot share it equally.
    """
    size = getattr(config, "batch_size", 1)
    if config.num_devices > available:
        raise UsageError(
            f"--num_devices={config.num_devices} is more than the {available} "
            "there are."
        )
    if config.num_devices < 0:
        raise UsageError(
            f"--num_devices must be 0 or more. Received: {config.num_devices}"
        )
    count = config.num_devices or (available if size > 1 else 1)
    total = count * hosts.count(config)
    if size % total:
        raise UsageError(
            f"A batch of {size} cannot be shared equally among {total} "
            "devices: choose another --batch_size or --num_devices."
        )
    return count


def _tensorflow(config):
    """Returns the kind of device, and the context to build and train in."""
    import tensorflow as tf

    if config.device == "tpu":
        raise UsageError(
            "TPUs train on JAX: pip install 'jax[tpu]' and run the same "
            "command with KERAS_BACKEND=jax."
        )
    gpus = tf.config.list_physical_devices("GPU")
    if config.device == "cpu" or not gpus:
        _refuse_other("cpu", config)
        count = counted(config, max(config.num_devices, 1))
        _refuse_on_several(config, count)
        _divide_cpu(count)
        return "cpu", _mirrored("CPU", count)
    count = counted(config, len(gpus))
    _refuse_on_several(config, count)
    tf.config.set_visible_devices(gpus[:count], "GPU")
    return "gpu", _mirrored("GPU", count)


def _refuse_other(kind, config):
    if config.device not in ("auto", kind):
        raise UsageError(
            f"Keras finds no {config.device} on the "
            f"{keras.backend.backend()} backend, only a {kind}."
        )


def _refuse_on_several(config, count):
    """Refuses what TensorFlow computes on one device only."""
    if count == 1:
        return
    # Keras accumulates in a condition, where TensorFlow cannot add up devices.
    if getattr(config, "accumulate", 1) > 1:
        raise UsageError(
            f"--accumulate={config.accumulate} needs --num_devices=1 with "
            "TensorFlow; on several devices, KERAS_BACKEND=jax accumulates."
        )
    # Keras looks for overflows in the gradients of the first device alone.
    if config.precision == "mixed_float16":
        raise UsageError(
            "--precision=mixed_float16 needs --num_devices=1 with TensorFlow; "
            "on several devices, take mixed_bfloat16 or KERAS_BACKEND=jax."
        )


def _divide_cpu(count):
    """Divides the processor into `count` devices, which is no faster."""
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        tf.config.set_visible_devices([], "GPU")
    cpu = tf.config.list_physical_devices("CPU")[0]
    there = tf.config.get_logical_device_configuration(cpu) or [None]
    if count > len(there):
        tf.config.set_logical_device_configuration(
            cpu, [tf.config.LogicalDeviceConfiguration()] * count
        )


def _mirrored(kind, count):
    import tensorflow as tf

    if count == 1:
        return contextlib.nullcontext()
    names = [f"{kind}:{i}" for i in range(count)]
    # The default for CPUs mixes up the sums of two strategies in one process.
    sums = tf.distribute.ReductionToOneDevice() if kind == "CPU" else None
    return tf.distribute.MirroredStrategy(names, sums).scope()


def _jax(config):
    """Returns the kind of device, and an empty context."""
    import jax
    import tensorflow as tf

    # Only tf.data runs there, and it must not take the memory of the GPUs.
    tf.config.set_visible_devices([], "GPU")
    if config.device == "cpu":
        jax.config.update("jax_platforms", "cpu")
    if config.num_devices > 1 and config.device in ("auto", "cpu"):
        jax.config.update("jax_num_cpu_devices", config.num_devices)
    kind = jax.default_backend()
    _refuse_other(kind, config)
    counted(config, jax.local_device_count())
    return kind, contextlib.nullcontext()


_BACKENDS = {"tensorflow": _tensorflow, "jax": _jax}
