# `make repro` trains, exports and scores; `make test` runs the whole test suite; `make docs` builds the documentation. All
# make the same environment.
#
# torch is installed first and alone, pinned to $(TORCH): pip takes a CPU build of that version where its configuration
# offers one (an extra index or a folder of wheels, for example
# `PIP_FIND_LINKS=wheels make repro` or `PIP_EXTRA_INDEX_URL=<PyTorch's CPU index> make repro`), because a
# local version such as +cpu counts as newer; plain PyPI works everywhere and brings the CUDA build on Linux.

PYTHON ?= python3.11
VENV ?= .venv
TORCH := $(shell sed -n 's/^\(torch==[0-9.]*\).*/\1/p' requirements.lock)
BIN := $(VENV)/bin
READY := $(VENV)/.ready

export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: repro test lint docs lock clean

repro: $(READY)
	dvc repro

test: $(READY) lint
	python -m pytest

lint: $(READY)
	ruff check .
	ruff format --check .
	mypy

# The documentation as a site, in build/docs; needs no network, and a warning is an error.
docs: $(READY)
	python -m sphinx --builder html --fail-on-warning --keep-going --fresh-env --quiet docs build/docs

# Everything but torch comes without looking at dependencies: the lock is complete, and this way no package can pull
# in another build of torch.
$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet $(TORCH)
	$(BIN)/python -m pip install --quiet --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# Write requirements.lock anew: the newest versions that pyproject.toml allows, torch staying as it is.
lock: $(READY)
	mkdir -p build
	$(BIN)/python -m pip install --quiet --dry-run --ignore-installed --report build/resolved.json $(TORCH) 'setuptools>=77' '.[train,dev,docs,tables,ray]'
	$(BIN)/python .ci/lock.py build/resolved.json > requirements.lock.new
	mv requirements.lock.new requirements.lock

clean:
	rm -rf $(VENV) build
