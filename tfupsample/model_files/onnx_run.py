"""Runs whole ONNX models."""

import contextlib

import onnxruntime

from tfupsample.errors import UnusableInput, summary

_DEFAULT_SIDE = 64  # pixels where a model leaves its sizes open


def of_known_size(model, size=None, batch=1):
    """Returns a copy of a model that takes examples of known sizes.

    Args:
        model: An `onnx.ModelProto`.
        size: Pixels along the axes that the model leaves open, in order; 64 by
            default.
        batch: The number of examples where the model takes any.
    """
    size = size or (_DEFAULT_SIDE,)
    copy = type(model)()
    copy.CopyFrom(model)
    stored = {tensor.name for tensor in copy.graph.initializer}
    for given in copy.graph.input:
        dims = given.type.tensor_type.shape.dim
        sides = iter((*size, *[size[-1]] * len(dims)))
        for axis, dim in enumerate(dims):
            if given.name not in stored and not dim.dim_value:
                dim.dim_value = next(sides) if axis else batch
    return copy


def session_of(model):
    """Returns a function from `{name: array}` to the outputs of a model.

    Args:
        model: An `onnx.ModelProto`.

    Raises:
        UnusableInput: if it cannot be run, also when the function is called.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4

    def run(arrays):
        with _runnable():
            return session.run(None, arrays)

    with _runnable():
        session = onnxruntime.InferenceSession(
            model.SerializeToString(),
            options,
            providers=["CPUExecutionProvider"],
        )
    return run


@contextlib.contextmanager
def _runnable():
    try:
        yield
    # The runtime has a class of error for each of many causes.
    except Exception as error:
        raise UnusableInput(
            f"The model cannot be run: {summary(error)}"
        ) from error
