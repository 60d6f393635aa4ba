"""Whatever interrupts writing, the old stays and nothing is left beside it."""

import errno
import json
import os
import stat

import pytest

from tfupsample.model_files import atomic


def make(path, kind, text):
    """Writes a file, or a folder that holds a file and a folder."""
    if kind == "folder":
        (path / "inner").mkdir(parents=True)
        path = path / "inner" / "file"
    path.write_text(text)


def text_of(path):
    if path.is_dir():
        (path,) = (p for p in path.rglob("*") if p.is_file())
    return path.read_text()


@pytest.fixture(params=["file", "folder"])
def kind(request):
    return request.param


def test_the_new_replaces_the_old_when_complete(tmp_path, kind):
    path = tmp_path / "out.x"
    for text in ("first", "second"):
        with atomic.new_path(path) as partial:
            assert partial.name == "out.x"
            make(partial, kind, text)
            assert not path.exists() or text_of(path) == "first"
        assert text_of(path) == text
        assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), OSError(errno.ENOSPC, "full"), None]
)
def test_an_error_leaves_the_old_alone(tmp_path, kind, error):
    path = tmp_path / "out"
    make(path, kind, "old")
    expected = type(error) if error else FileNotFoundError
    with pytest.raises(expected), atomic.new_path(path) as partial:
        if error:  # else nothing is written at all
            make(partial, kind, "half")
            raise error
    assert text_of(path) == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("step", ["sync", "move"])
def test_an_error_at_the_end_leaves_the_old_alone(
    tmp_path, kind, step, monkeypatch
):
    path = tmp_path / "out"
    make(path, kind, "old")
    replace = os.replace

    def fail(source, target="file"):
        if step == "move" and target != path:  # the old one is moved away
            return replace(source, target)
        if step == "move" and "replaced" in str(source):  # and back
            return replace(source, target)
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(os, "fsync" if step == "sync" else "replace", fail)
    with pytest.raises(OSError, match="broken"), atomic.new_path(path) as new:
        make(new, kind, "new")
    assert text_of(path) == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_two_writers_do_not_meet(tmp_path, kind):
    path = tmp_path / "out"
    with atomic.new_path(path) as first, atomic.new_path(path) as second:
        make(first, kind, "first")
        make(second, kind, "second")
    assert text_of(path) == "first"  # the last to end
    assert list(tmp_path.iterdir()) == [path]


def test_permissions_follow_the_umask(tmp_path, kind):
    old = os.umask(0o027)
    try:
        with atomic.new_path(tmp_path / "out") as partial:
            make(partial, kind, "new")
    finally:
        os.umask(old)
    expected = 0o750 if kind == "folder" else 0o640
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == expected


def test_files_and_folders_do_not_replace_one_another(tmp_path):
    make(tmp_path / "file", "file", "old")
    make(tmp_path / "folder", "folder", "old")
    for name, other in (("file", "folder"), ("folder", "file")):
        with pytest.raises(OSError), atomic.new_path(tmp_path / name) as new:
            make(new, other, "new")
        assert text_of(tmp_path / name) == "old"
    assert len(list(tmp_path.iterdir())) == 2


def test_pipes_and_devices_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileExistsError, match="pipe"):
        with atomic.new_file(tmp_path / "pipe"):
            pass
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_symbolic_link_stays_one(tmp_path, kind):
    make(tmp_path / "target", kind, "old")
    (tmp_path / "link").symlink_to("target")
    with atomic.new_path(tmp_path / "link") as partial:
        make(partial, kind, "new")
    assert (tmp_path / "link").is_symlink()
    assert text_of(tmp_path / "target") == "new"


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError) as error:
        atomic.write_text(tmp_path / "no" / "out", "new")
    assert error.value.filename == str(tmp_path / "no" / "out")
    assert not list(tmp_path.iterdir())


def test_a_full_disk_leaves_the_old_alone(tmp_path):
    """Beyond the limit of a file's size, as on a full disk, write fails."""
    resource = pytest.importorskip("resource")
    path = tmp_path / "out"
    atomic.write_text(path, "old")
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, old[1]))
    try:
        with pytest.raises(OSError):
            atomic.write_text(path, "x" * 2000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_errors_of_libraries_about_the_disk_are_those_of_the_system(tmp_path):
    path = tmp_path / "out"
    said = "H5Fclose failed: errno = 28, 'No space left on device'"
    with pytest.raises(OSError, match="No space left") as error:
        with atomic.new_path(path):
            raise RuntimeError(said)
    assert (error.value.errno, error.value.filename) == (28, str(path))
    with pytest.raises(RuntimeError, match="other"):
        with atomic.new_path(path):
            raise RuntimeError("some other failure")
    assert not list(tmp_path.iterdir())


def test_json_is_read_again(tmp_path):
    atomic.write_json(tmp_path / "out", {"a": [1, 2.5]})
    assert json.loads((tmp_path / "out").read_text()) == {"a": [1, 2.5]}


def test_text_is_written_as_utf_8(tmp_path):
    atomic.write_text(tmp_path / "out", "Größe ≥ 1\n")
    assert (tmp_path / "out").read_bytes() == "Größe ≥ 1\n".encode()
