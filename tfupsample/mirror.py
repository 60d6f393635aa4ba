"""Downloads files of known size and hash; whatever else arrives is dropped."""

import hashlib
import os
import time
import urllib.parse
from typing import NamedTuple

from tfupsample.errors import UnusableInput

_CHUNK = 1 << 16
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Patience(NamedTuple):
    """How long to try.

    Attributes:
        timeout: Seconds without an answer after which an attempt ends.
        deadline: Seconds after which it ends in any case.
        attempts: For each file.
        pause: Seconds before the second attempt, doubled before each other.
    """

    timeout: float = 20.0
    deadline: float = 600.0
    attempts: int = 4
    pause: float = 0.5


PATIENCE = Patience()


class _Failed(Exception):
    """An attempt failed; another may not."""


def download(url, folder, files, patience=PATIENCE):
    """Downloads files into a folder, one by one, and goes on where it stopped.

    Args:
        url: Of the folder to download, https, or http on this machine.
        folder: Existing `pathlib.Path` that receives the files, each under its
            name only when it is complete and has the right hash.
        files: `pretrained_index.File` by path.
        patience: How long to try.

    Raises:
        UnusableInput: if a file cannot be had.
    """
    for path, file in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        source = f"{url.rstrip('/')}/{urllib.parse.quote(path)}"
        _checked(source)
        _persist(source, target, file, patience)


def _checked(url):
    """Refuses what can be read or changed on its way, and local files."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme == "https":
        return
    if parts.scheme != "http" or parts.hostname not in _LOOPBACK:
        raise UnusableInput(f"Models are downloaded by https, not from {url}")


def _persist(source, target, file, patience):
    for attempt in range(patience.attempts):
        if attempt:
            time.sleep(patience.pause * 2 ** (attempt - 1))
        try:
            _attempt(source, target, file, patience)
            return
        except _Failed as error:
            failure = error
    raise UnusableInput(
        f"{source} cannot be downloaded, {patience.attempts} times tried: "
        f"{failure}"
    ) from failure


def _attempt(source, target, file, patience):
    """Adds to what former attempts left, and moves the complete file."""
    partial = target.with_name(target.name + ".partial")
    with open(partial, "a+b") as content:
        if content.tell() > file.size:
            content.truncate(0)
        if content.tell() < file.size or not file.size:
            _receive(source, content, file, patience)
        content.flush()
        os.fsync(content.fileno())
        content.seek(0)
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    if digest != file.sha256:
        partial.unlink()
        raise _Failed(f"SHA-256 {digest} arrived instead of {file.sha256}")
    os.replace(partial, target)


def _receive(source, content, file, patience):
    """Appends the bytes that are missing, and not one more."""
    import http.client

    end = time.monotonic() + patience.deadline
    try:
        with _open(source, content.tell(), patience.timeout) as response:
            if response.status != 206:
                content.truncate(0)
            while chunk := response.read1(_CHUNK):
                if content.tell() + len(chunk) > file.size:
                    content.truncate(0)
                    raise _Failed(f"more than {file.size} bytes arrive")
                content.write(chunk)
                if time.monotonic() > end:
                    raise _Failed("too slow")
    except (OSError, http.client.HTTPException) as error:
        if getattr(error, "code", None) == 416:
            content.truncate(0)
        raise _Failed(str(error) or type(error).__name__) from error
    if content.tell() < file.size:
        raise _Failed(f"{content.tell()} of {file.size} bytes arrived")


def _open(source, start, timeout):
    import urllib.error
    import urllib.request

    class Redirects(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, request, fp, code, message, headers, url):
            _checked(url)
            return super().redirect_request(
                request, fp, code, message, headers, url
            )

    request = urllib.request.Request(source)
    if start:
        request.add_header("Range", f"bytes={start}-")
    try:
        response = urllib.request.build_opener(Redirects).open(
            request, timeout=timeout
        )
    except urllib.error.HTTPError as error:
        error.close()
        if error.code < 500 and error.code not in (408, 416, 429):
            raise UnusableInput(f"{source}: {error}") from error
        raise
    expected = f"bytes {start}-"
    if response.status == 206 and not response.headers.get(
        "Content-Range", ""
    ).startswith(expected):
        response.close()
        raise _Failed("another part of the file arrives")
    return response
