"""What an HDF5 file of weights may hold, checked before Keras reads it."""

import math

_SLACK = 1 << 20  # bytes that any file may declare beyond what it stores
_GROWTH = 20  # factor by which compressed weights may grow


def check_weights(file, size):
    """Raises unless all data sets of a file are numbers stored in it.

    Each object is visited once; otherwise hard links could make any number of
    paths out of a few groups.

    Args:
        file: The `h5py.File`.
        size: The size of the file in bytes.

    Returns:
        The number of values that all data sets hold together.
    """
    import h5py

    waiting, seen, bytes_, values = [file], set(), 0, 0
    while waiting:
        group = waiting.pop()
        for name in group:
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise ValueError(f"{name!r} is a link")
            item = group[name]
            address = h5py.h5o.get_info(item.id).addr
            if address in seen:
                raise ValueError(f"{name!r} is linked twice")
            seen.add(address)
            if isinstance(item, h5py.Group):
                waiting.append(item)
                continue
            _check_data_set(item, name)
            bytes_ += item.nbytes
            values += item.size
            if bytes_ > _GROWTH * size + _SLACK:
                raise ValueError(
                    f"weights of more than {bytes_} bytes cannot be in {size}"
                )
    return values


def _check_data_set(item, name):
    if item.external or item.is_virtual or item.dtype.hasobject:
        raise ValueError(f"{name!r} holds no numbers of its own")
    chunk = math.prod(item.chunks or (0,)) * item.dtype.itemsize
    if chunk > item.nbytes + _SLACK:
        raise ValueError(f"{name!r} has chunks larger than itself")
