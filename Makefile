# Every target makes .venv if it is missing; PYTHON chooses the interpreter.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
# As tfupsample/environment.py sets them for commands and trainers.
export TF_CPP_MIN_LOG_LEVEL ?= 3
export TF_ENABLE_ONEDNN_OPTS ?= 1

.PHONY: demo test test-slow test-fast coverage test-torch test-hub \
  test-browser soak lint bench bench-gpu format docs

# The recipe is one of docs/dcgan.md.
demo: $(VENV)/installed
	$(BIN)/python -m train.dcgan --upsample=nearest --image_size=64 --width=16 \
	  --latent_dim=16 --conditional=shape --discriminator_norm=none --r1=0.1 \
	  --learning_rate=1e-3 --batch_size=32 --epochs=12 \
	  --classifier=classifier_shapes64 --workdir=runs/demo

PYTEST := $(BIN)/python -m pytest --numprocesses=2 --dist=loadfile \
  --no-loadscope-reorder

test: $(VENV)/installed
	$(PYTEST)

# Proofs that take seconds each: whole trainings, compiled layers, the examples.
test-slow: $(VENV)/installed
	$(PYTEST) -m "slow and not soak"

# Under a minute; `make test-fast FAST=tests/train/data` for another part.
FAST ?= $(addprefix tests/tfupsample/,ops layers measures inspection)
test-fast: $(VENV)/installed
	$(PYTEST) $(FAST)

# The share of the lines that the quick tests run in their own processes.
coverage: $(VENV)/installed
	$(PYTEST) --cov --cov-report=term

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check \
  --constraint constraints.txt

# Against PyTorch, an independent implementation; large, so not in `test`.
test-torch: $(VENV)/installed
	$(PIP) torch
	$(BIN)/python -m pytest -m torch

# Models of KerasHub and of keras.io: verdict, reason, seconds, peak memory.
test-hub: $(VENV)/installed
	$(PIP) keras-hub
	PUBLIC_MODELS=benchmarks/results/public_models.json \
	  $(BIN)/python -m pytest -m hub

# In a real browser; needs the package chromium of the system.
test-browser: $(VENV)/installed
	$(PIP) playwright
	$(BIN)/python -m pytest -m browser

# Long proofs, such as twenty kills; the log is benchmarks/results/soak.txt.
soak: $(VENV)/installed
	$(PYTEST) -v -m soak --durations=0 | tee benchmarks/results/soak.txt

lint: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --no-cache

format: $(VENV)/installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/installed
	$(BIN)/python -m benchmarks.layers
	$(BIN)/python -m benchmarks.layers_1d
	$(BIN)/python -m benchmarks.memory
	$(BIN)/python -m benchmarks.implementations
	$(BIN)/python -m benchmarks.training_step
	$(BIN)/python -m benchmarks.processors

# On a machine with a GPU and JAX, which may lack TensorFlow; by parts, so that a
# machine that is lent for minutes fills the tables bit by bit.
bench-gpu:
	KERAS_BACKEND=jax XLA_PYTHON_CLIENT_PREALLOCATE=false \
	  $(PYTHON) -m benchmarks.accelerator $(BENCH_GPU)
	KERAS_BACKEND=jax $(PYTHON) -m benchmarks.layers

# The pages of docs/ as a site, in site/; a link that leads nowhere ends it.
docs: $(VENV)/installed
	$(PIP) --editable '.[docs]'
	$(BIN)/python -m mkdocs build --strict

# The versions that were tested; setup.cfg says what may be newer or older.
$(VENV)/installed: setup.cfg constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --editable '.[jax,tensorboard,test]'
	touch $@
