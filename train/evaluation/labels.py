"""The classes that a data set knows of its pictures."""

from train.engine.options import UsageError


def labels_of(data, flag, name):
    """Returns a label of each picture, and the names of its classes.

    Args:
        data: An `ImageData`.
        flag: The flag that names the label.
        name: The name.

    Raises:
        UsageError: if the data set has no such label.
    """
    if name not in data.classes:
        raise UsageError(
            f"--{flag} must be one of {sorted(data.classes)} for this data set "
            "(a folder needs one subfolder for each class). "
            f"Received: {name}"
        )
    return data.labels[name], data.classes[name]
