"""README.md and docs/*.md taken apart: blocks of code, commands, links."""

import pathlib
import re
import shlex
from typing import NamedTuple

ROOT = pathlib.Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
_SPAN = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\]\((?!\w+:)([^)\s]+)\)")
_PROGRAM = re.compile(r"(?:[A-Z_]+=\S* )*(python|tfupsample|make|pip)\s")
_SHELL = ("", "sh")


class Block(NamedTuple):
    """A piece of code; `line` is where it begins, from 1."""

    language: str
    code: str
    line: int


class Command(NamedTuple):
    """Words of a command; `whole` if it can be pasted into a terminal."""

    words: list
    whole: bool


def name(page):
    """Returns the path of a page from the root of the repository."""
    return page.relative_to(ROOT).as_posix()


def blocks(text):
    """Returns the fenced blocks of a page."""
    return [
        Block(m[1], m[2], text.count("\n", 0, m.start(2)) + 1)
        for m in _FENCE.finditer(text)
    ]


def prose(text):
    """Returns a page without its fenced blocks."""
    return _FENCE.sub("", text)


def commands(text):
    """Returns the commands of shell blocks, and those within the prose."""
    lines = [
        line
        for block in blocks(text)
        if block.language in _SHELL
        for line in block.code.replace("\\\n", " ").splitlines()
    ]
    spans = [" ".join(span.split()) for span in _SPAN.findall(prose(text))]
    return [
        Command(_words(line), whole)
        for found, whole in ((lines, True), (spans, False))
        for line in found
        if _PROGRAM.match(f"{line} ")
    ]


def _words(line):
    """Of a line of a shell, without comments and settings of variables."""
    words = shlex.split(line, comments=True)
    while re.match(r"[A-Z_]+=", words[0]):
        words.pop(0)
    return words


def links(text):
    """Returns the relative links of a page, without `#` and what follows."""
    found = (link.partition("#")[0] for link in _LINK.findall(prose(text)))
    return [link for link in found if link]


def result_files(text):
    """Returns the files of benchmarks/results that the prose names."""
    return re.findall(r"benchmarks/results/([\w.-]*\w)", prose(text))
