"""What the pages say: their code runs, their commands and links exist."""

import argparse
import configparser
import doctest
import importlib
import pkgutil
import re
import shutil

import doc_pages
import keras
import pytest

import tfupsample
from models import dcgan
from tfupsample import cli
from train.engine.command_line import parse
from train.engine.options import UsageError

# What a reader has in mind where README.md shows one layer beside another.
NAMES = {"README.md": {"keras": keras, "x": keras.Input((8, 8, 128))}}
PARSE = argparse.ArgumentParser.parse_args


def pages(holds):
    """The pages with something in them, as arguments of a test."""
    found = [p for p in doc_pages.PAGES if holds(p.read_text("utf-8"))]
    return pytest.mark.parametrize("page", found, ids=doc_pages.name)


def python_blocks(text):
    return [b for b in doc_pages.blocks(text) if b.language == "python"]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """What pages speak of, at toy size."""
    folder = tmp_path_factory.mktemp("files")
    generator = dcgan.generator(32, width=2, upsample="deconv", kernel_size=4)
    generator.save(folder / "generator.keras")
    (folder / "runs/a").mkdir(parents=True)
    (folder / "runs/a/config.json").write_text('{"config": {}}')
    return folder


@pytest.fixture
def presupposed(files, tmp_path, monkeypatch):
    """The working folder holds these files."""
    shutil.copytree(files, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)


def run(page):
    """Runs the Python of a page, block after block; returns its names."""
    names = dict(NAMES.get(doc_pages.name(page), {}), __name__=page.stem)
    for block in python_blocks(page.read_text("utf-8")):
        # Lines of a trace are then those of the page.
        code = "\n" * (block.line - 1) + block.code
        exec(compile(code, str(page), "exec"), names)
    return names


@pages(python_blocks)
# Keras asks numpy for a name of old, where it exports to ONNX.
@pytest.mark.filterwarnings("ignore:In the future `np.object`")
def test_python_runs(page, presupposed):
    run(page)


class Parsed(Exception):
    """Arguments were accepted, and nothing was done with them."""


@pytest.fixture
def only_parse(monkeypatch):
    """Lets programs read their arguments and then stop."""

    def parse_args(*arguments):
        PARSE(*arguments)
        raise Parsed

    def refuse(parser, message):
        raise UsageError(message)

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parse_args)
    monkeypatch.setattr(argparse.ArgumentParser, "error", refuse)
    return monkeypatch


@pages(doc_pages.commands)
def test_commands_exist_with_their_flags(page, presupposed, only_parse):
    for command in doc_pages.commands(page.read_text("utf-8")):
        try:
            check(command.words, only_parse)
        except UsageError as error:
            # Within a sentence a command may leave out what it works on.
            assert not command.whole and "required" in str(error), command


def check(words, monkeypatch):
    """Raises unless the command exists and takes these arguments."""
    match words:
        case ["make", *targets]:
            assert set(targets) <= make_targets(), words
        case ["tfupsample", "train", name, *arguments]:
            check_module(f"train.{name}", arguments, monkeypatch)
        case ["tfupsample", *arguments]:
            with pytest.raises(Parsed):
                cli.main(arguments)
        case ["python", "-m", module, *arguments]:
            check_module(module, arguments, monkeypatch)
        case ["python", script]:
            assert (doc_pages.ROOT / script).is_file(), words
        case ["pip", "install", package]:
            assert set(re.findall(r"\w+(?=\])", package)) <= extras(), words
        case _:
            pytest.fail(f"Not a command of this project: {words}")


def check_module(name, arguments, monkeypatch):
    """The same of `python -m`."""
    module = importlib.import_module(name)
    if hasattr(module, "__path__"):  # a package
        module = importlib.import_module(f"{name}.__main__")
    argv = [name, *arguments]
    if hasattr(module, "Config"):
        if arguments != ["--help"]:
            parse(module.Config, argv, "")
    elif {"argparse", "argument_parser"} & set(vars(module)):
        monkeypatch.setattr("sys.argv", argv)
        with pytest.raises(Parsed):
            module.main()
    else:
        assert not any(word.startswith("-") for word in arguments), argv


def make_targets():
    makefile = (doc_pages.ROOT / "Makefile").read_text()
    return set(re.findall(r"^([\w-]+):", makefile, re.M))


def extras():
    setup = configparser.ConfigParser()
    setup.read(doc_pages.ROOT / "setup.cfg")
    return set(setup["options.extras_require"])


@pages(doc_pages.links)
def test_links_lead_to_files(page):
    links = doc_pages.links(page.read_text("utf-8"))
    assert not [x for x in links if not (page.parent / x).exists()]


@pages(doc_pages.result_files)
def test_figures_link_to_their_results(page):
    text = page.read_text("utf-8")
    named = set(doc_pages.result_files(text))
    linked = {x.rpartition("results/")[2] for x in doc_pages.links(text)}
    assert named <= linked


@pages(lambda text: True)
def test_code_is_fenced(page):
    """Else the tests above would not see it."""
    text = doc_pages.prose(page.read_text("utf-8"))
    assert not re.findall(r"^ {4,}(?:python|tfupsample|make) .*", text, re.M)


def test_reference_names_what_is_public():
    text = (doc_pages.ROOT / "docs/api.md").read_text("utf-8")
    named = re.findall(r"^::: (\S+)$", text, re.M)
    public = set(tfupsample.__all__) - {"__version__"}
    assert {f"tfupsample.{name}" for name in public} <= set(named)
    for name in named:
        pkgutil.resolve_name(name)


def examples():
    """The modules whose docstrings hold examples."""
    for package in ("tfupsample", "models", "train"):
        for path in sorted((doc_pages.ROOT / package).rglob("*.py")):
            if ">>> " in path.read_text("utf-8"):
                yield doc_pages.name(path)[: -len(".py")].replace("/", ".")


@pytest.mark.parametrize("module", list(examples()))
def test_examples_of_docstrings(module):
    result = doctest.testmod(importlib.import_module(module))
    assert result.attempted and not result.failed
