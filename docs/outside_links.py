"""Lets pages of the site link to files outside docs/: a hook of MkDocs.

A link such as `../benchmarks/results/x.json` works where the repository is
looked at. For the site the file is copied to `repository/benchmarks/results/`
and the link led there; a Markdown file becomes a page, whose own links are
followed in the same way.
"""

import os
import pathlib
import re

from mkdocs.structure.files import File, InclusionLevel

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)#\s]+)")


def on_files(files, config):
    """Adds the files outside docs/ that pages link to."""
    pages = [f for f in files if f.is_documentation_page()]
    while pages:
        page = pages.pop()
        for target in targets(source(page)):
            place = site_path(target)
            if files.get_file_from_path(place) or not target.is_file():
                continue
            added = File.generated(
                config,
                place,
                abs_src_path=str(target),
                inclusion=InclusionLevel.NOT_IN_NAV,
            )
            files.append(added)
            if added.is_documentation_page():
                pages.append(added)
    return files


def on_page_markdown(markdown, page, **_):
    """Leads the links of a page to where their files are on the site."""
    here = os.path.dirname(page.file.src_uri)
    folder = source(page.file).parent

    def led(link):
        target = (folder / link[1]).resolve()
        if not target.is_file():  # broken, or brackets in a piece of code
            return link[1]
        return os.path.relpath(site_path(target), here or ".")

    return LINK.sub(led, markdown)


def source(file):
    """Where the file of a page is in the repository."""
    return pathlib.Path(file.abs_src_path).resolve()


def targets(path):
    """The files that a Markdown file links to."""
    text = path.read_text(encoding="utf-8")
    return [(path.parent / link).resolve() for link in LINK.findall(text)]


def site_path(path):
    """Where a file of the repository is on the site, from its root."""
    if path.is_relative_to(DOCS):
        return path.relative_to(DOCS).as_posix()
    if path.is_relative_to(ROOT):
        return f"repository/{path.relative_to(ROOT).as_posix()}"
    return path.as_posix()
