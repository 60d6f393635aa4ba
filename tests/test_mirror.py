"""Downloads from servers that fail, lie or stop half way."""

import concurrent.futures
import hashlib

import hostile_mirror
import pytest

from tfupsample import mirror, pretrained, pretrained_index
from tfupsample.errors import UnusableInput

CONTENTS = {"saved_model.pb": bytes(range(256)) * 40, "variables/x": b"12345"}
FILES = {
    path: pretrained_index.File(
        len(content), hashlib.sha256(content).hexdigest()
    )
    for path, content in CONTENTS.items()
}
HASTY = mirror.Patience(timeout=0.3, deadline=5, attempts=3, pause=0.01)


def download(folder, misbehave=None, files=FILES):
    with hostile_mirror.mirror(CONTENTS, misbehave) as (url, requests):
        mirror.download(url, folder, files, HASTY)
    return requests


def found(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file()
    }


@pytest.mark.parametrize("how", ["truncate", "fail", "delay"])
def test_what_passes_is_survived(how, tmp_path):
    download(tmp_path, getattr(hostile_mirror, how))
    assert found(tmp_path) == CONTENTS


def test_a_download_goes_on_where_it_stopped(tmp_path):
    requests = download(tmp_path, hostile_mirror.truncate)
    half = len(CONTENTS["saved_model.pb"]) // 2
    assert requests[1] == ("/saved_model.pb", f"bytes={half}-")
    assert len(requests) == 3


def test_what_an_interrupted_program_left_is_used(tmp_path):
    (tmp_path / "saved_model.pb.partial").write_bytes(
        CONTENTS["saved_model.pb"][:100]
    )
    requests = download(tmp_path)
    assert requests[0][1] == "bytes=100-"
    assert found(tmp_path) == CONTENTS


@pytest.mark.parametrize(
    "left", [b"x" * 100, b"x" * 20_000], ids=["shorter", "longer"]
)
def test_what_was_altered_meanwhile_is_loaded_anew(left, tmp_path):
    (tmp_path / "saved_model.pb.partial").write_bytes(left)
    download(tmp_path)
    assert found(tmp_path) == CONTENTS


@pytest.mark.parametrize(
    "how, message",
    [
        ("corrupt", "instead of"),
        ("flood", "more than 10240 bytes"),
        ("wrong_part", "another part"),
    ],
)
def test_what_lasts_is_said_and_leaves_no_file(how, message, tmp_path):
    with pytest.raises(UnusableInput, match=f"3 times tried.*{message}"):
        download(tmp_path, getattr(hostile_mirror, how))
    assert not (tmp_path / "saved_model.pb").exists()
    # Not one byte more than the file may have.
    sizes = [len(content) for content in found(tmp_path).values()]
    assert sum(sizes) <= FILES["saved_model.pb"].size


def test_a_missing_file_is_not_tried_again(tmp_path):
    absent = {"absent": pretrained_index.File(1, "0" * 64)}
    with pytest.raises(UnusableInput, match="404"):
        download(tmp_path, files=absent)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "http://example.org/x", "ftp://localhost/x"]
)
def test_only_https_is_used(url, tmp_path):
    with pytest.raises(UnusableInput, match="by https"):
        mirror.download(url, tmp_path, FILES, HASTY)
    with pytest.raises(UnusableInput, match="by https|not allowed"):
        download(tmp_path, hostile_mirror.elsewhere(url))


@pytest.fixture
def entry(tmp_path, monkeypatch):
    monkeypatch.setattr(pretrained, "_installed", lambda: tmp_path / "none")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(pretrained.URL, raising=False)
    return pretrained_index.Entry("toy", "generator", FILES, "", {}, {})


def test_without_an_address_it_is_asked_for(entry):
    with pytest.raises(UnusableInput, match=f"Set {pretrained.URL}"):
        pretrained.fetch(entry)


def test_a_model_is_downloaded_once(entry, monkeypatch):
    served = {f"toy/{path}": content for path, content in CONTENTS.items()}
    with hostile_mirror.mirror(served) as (url, requests):
        monkeypatch.setenv(pretrained.URL, url + "/")
        folder = pretrained.fetch(entry)
        assert pretrained.fetch(entry) == folder
    assert len(requests) == 2
    assert found(folder) == CONTENTS


def test_a_cache_is_verified_each_time(entry, monkeypatch):
    served = {f"toy/{path}": content for path, content in CONTENTS.items()}
    with hostile_mirror.mirror(served) as (url, _):
        monkeypatch.setenv(pretrained.URL, url)
        folder = pretrained.fetch(entry)
    (folder / "variables/x").write_bytes(b"54321")
    with pytest.raises(UnusableInput, match="variables/x has SHA-256"):
        pretrained.fetch(entry)


@pytest.mark.parametrize("link", ["", "variables"])
def test_links_in_the_cache_lead_nowhere(link, entry, tmp_path, monkeypatch):
    victim = tmp_path / "victim"
    victim.mkdir()
    folder = pretrained._cached(entry)
    partial = folder.with_name(folder.name + ".partial")
    place = partial / link if link else partial
    place.parent.mkdir(parents=True)
    place.symlink_to(victim)
    served = {f"toy/{path}": content for path, content in CONTENTS.items()}
    with hostile_mirror.mirror(served) as (url, _):
        monkeypatch.setenv(pretrained.URL, url)
        with pytest.raises(UnusableInput, match="links or devices"):
            pretrained.fetch(entry)
    assert not list(victim.iterdir())


def test_two_at_once_download_once(entry, monkeypatch):
    """Threads here; the lock is one of files and holds processes too."""
    served = {f"toy/{path}": content for path, content in CONTENTS.items()}
    with hostile_mirror.mirror(served) as (url, requests):
        monkeypatch.setenv(pretrained.URL, url)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            folders = list(pool.map(pretrained.fetch, [entry] * 4))
    assert len(set(folders)) == 1
    assert len(requests) == 2


@pytest.mark.parametrize("home", ["", "relative/folder"])
def test_the_cache_is_where_the_standard_says(home, entry, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", home)
    monkeypatch.setenv("HOME", "/home/me")
    expected = "/home/me/.cache/tfupsample/pretrained/toy-"
    assert str(pretrained._cached(entry)).startswith(expected)
