"""An HTTP server on this machine that serves files well or badly."""

import contextlib
import http.server
import threading
import time


@contextlib.contextmanager
def mirror(files, misbehave=None):
    """Serves files by path while the context lasts; yields URL and requests.

    Args:
        files: Bytes by path.
        misbehave: Function of the handler, the bytes asked for and how many
            requests came before; returns `True` if it answered itself.
    """
    requests = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            content = files.get(self.path.lstrip("/"))
            asked = self.headers.get("Range")
            requests.append((self.path, asked))
            if content is None:
                self.send_error(404)
            elif not (
                misbehave and misbehave(self, content, len(requests) - 1)
            ):
                answer(self, content, asked)

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,)).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", requests
    finally:
        server.shutdown()
        server.server_close()


def answer(handler, content, asked=None):
    """Answers as a good server does."""
    start = int(asked[6:-1]) if asked else 0
    handler.send_response(206 if start else 200)
    if start:
        whole = f"bytes {start}-{len(content) - 1}/{len(content)}"
        handler.send_header("Content-Range", whole)
    handler.send_header("Content-Length", str(len(content) - start))
    handler.end_headers()
    handler.wfile.write(content[start:])


def truncate(handler, content, before):
    """Sends half, then hangs up; the second time all that is missing."""
    if before:
        return False
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content[: len(content) // 2])
    return True


def fail(handler, content, before):
    """Is out of order, twice."""
    if before < 2:
        handler.send_error(500)
    return before < 2


def delay(handler, content, before):
    """Answers too late, once."""
    if not before:
        time.sleep(1)
    return not before


def corrupt(handler, content, before):
    """Always sends something else of the right size."""
    answer(handler, bytes(len(content)))
    return True


def flood(handler, content, before):
    """Never stops."""
    handler.send_response(200)
    handler.end_headers()
    with contextlib.suppress(OSError):
        while True:
            handler.wfile.write(bytes(1 << 16))
    return True


def wrong_part(handler, content, before):
    """Truncates, then sends a part that was not asked for."""
    if not before:
        return truncate(handler, content, before)
    handler.send_response(206)
    handler.send_header("Content-Range", f"bytes 0-9/{len(content)}")
    handler.end_headers()
    handler.wfile.write(content[:10])
    return True


def elsewhere(url):
    """Returns what sends everyone to another address."""

    def redirect(handler, content, before):
        handler.send_response(302)
        handler.send_header("Location", url)
        handler.end_headers()
        return True

    return redirect
