"""Opens files that are not to be trusted in a process of its own.

Model files are read by large native libraries. In a process with limits, a
crash, an endless loop or a memory bomb ends in an error message. On systems
without such limits, such as Windows, the process still contains crashes.
"""

import contextlib
import importlib
import json
import os
import pathlib
import signal
import subprocess
import sys

from tfupsample.errors import UnusableInput, summary

SECONDS = 25
"""Seconds for any file, not counting the start of the process."""
MEMORY = 700 << 20
"""Bytes for any file, above what the idle process holds."""
MEMORY_OF_LARGE = 1400 << 20
"""The same for large ones, of which single layers are copied."""
BYTES_PER_SECOND = 27e6  # extra time and memory for large models
LARGE = 100 << 20  # bytes of a file

_START = (
    "import json, sys; request = json.load(sys.stdin); "
    "sys.path[:] = request['path']; "
    f"from {__name__} import serve; serve(request)"
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_FORBIDDEN = frozenset(
    """
    os.chmod os.exec os.fork os.forkpty os.link os.mkdir os.posix_spawn
    os.remove os.rename os.rmdir os.spawn os.symlink os.system os.truncate
    socket.bind socket.connect subprocess.Popen
    """.split()
)
_ADVICE = (
    "If you trust the file, load the model in Python and call inspect_model, "
    "which has no limits."
)
_EXHAUSTED = ("MemoryError", "RecursionError", "ResourceExhaustedError")


def call(function, arguments, path, trusted=False, advice=_ADVICE):
    """Returns the result of a function that runs in another process.

    Args:
        function: Its name, as `"package.module:function"`.
        arguments: Its keyword arguments; JSON must hold them and the result.
        path: The file or folder that it opens; larger ones get more memory
            and time.
        trusted: Lifts the limits on memory and time, and on writing files,
            starting programs and opening connections.
        advice: What to do if a trusted file exceeds them, a sentence.

    Raises:
        UnusableInput: if the function raises it, crashes or exceeds a limit.
        RuntimeError: if it raises anything else.
    """
    stored = 0 if trusted else _stored_bytes(pathlib.Path(path))
    large = stored > LARGE
    memory = (MEMORY_OF_LARGE if large else MEMORY) + stored
    request = {
        "path": sys.path,
        "function": function,
        "arguments": arguments,
        "limits": None
        if trusted
        else (SECONDS + stored / BYTES_PER_SECOND, memory),
    }
    done = subprocess.run(
        # -P: nothing is imported from the working folder before `sys.path`
        # is that of this process.
        [sys.executable, "-P", "-c", _START],
        # oneDNN's allocator holds up to twice the memory that it gave out.
        env=os.environ | ({"TF_ENABLE_ONEDNN_OPTS": "0"} if large else {}),
        input=json.dumps(request).encode(),
        stdout=subprocess.PIPE,
        stderr=None if trusted else subprocess.DEVNULL,
    )
    if done.returncode:
        raise _ended(path, done.returncode, request["limits"], advice)
    answer = json.loads(done.stdout)
    if "exhausted" in answer:
        raise UnusableInput(
            f"{path} needs more memory than a model of its size may take, or "
            f"is nested too deep ({answer['exhausted']}). {advice}"
        )
    if "unusable" in answer:
        raise UnusableInput(answer["unusable"])
    if "failure" in answer:
        raise RuntimeError(answer["failure"])
    return answer["result"]


def _ended(path, status, limits, advice):
    """Returns the error for a process that ended without an answer."""
    if limits and status == -getattr(signal, "SIGALRM", 0):
        return UnusableInput(
            f"{path} takes longer than {limits[0]:.0f} seconds. {advice}"
        )
    if status > 0:
        return RuntimeError(f"the process that opened {path} failed: {status}")
    return UnusableInput(
        f"{path} crashes the library that reads it, or needs more memory than "
        f"a model of its size may take ({signal.Signals(-status).name})."
    )


def serve(request):
    """Runs in the new process: answers a request on its standard output."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no answer
    module, _, name = request["function"].partition(":")
    function = getattr(importlib.import_module(module), name)
    if keras := sys.modules.get("keras"):
        # Each thread that the backend starts needs memory.
        keras.ops.add(keras.ops.ones(1), 1)
    try:
        if request["limits"]:
            _limit(*request["limits"])
        answer = {"result": function(**request["arguments"])}
    except UnusableInput as error:
        answer = {"unusable": str(error)}
    except Exception as error:
        exhausted = type(error).__name__ in _EXHAUSTED
        kind = "exhausted" if exhausted else "failure"
        answer = {kind: summary(error)}
    json.dump(answer, answers)
    answers.flush()
    os._exit(0)  # the limits may leave no memory to clean up with


def _limit(seconds, memory):
    """Limits this process, in which all libraries must be loaded."""
    with contextlib.suppress(ImportError, FileNotFoundError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        data = _held_bytes() + int(memory)
        resource.setrlimit(resource.RLIMIT_DATA, (data, data))
    if hasattr(signal, "setitimer"):
        # Without a handler the signal ends the process, also native loops.
        signal.setitimer(signal.ITIMER_REAL, seconds)
    sys.dont_write_bytecode = True
    sys.addaudithook(_refuse)


def _refuse(event, arguments):
    if event in _FORBIDDEN or (
        event == "open" and (arguments[2] or 0) & _WRITING
    ):
        raise PermissionError(f"Opening a model must not do this: {event}")


def _held_bytes():
    """Returns the memory that counts against RLIMIT_DATA, on Linux."""
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.partition("VmData:")[2].split()[0]) << 10


def _stored_bytes(path):
    """Returns the bytes stored on disk; holes of sparse files are free."""
    files = path.rglob("*") if path.is_dir() else [path]
    found = [file.stat() for file in files if file.is_file()]
    return sum(
        min(s.st_size, getattr(s, "st_blocks", s.st_size) * 512) for s in found
    )
