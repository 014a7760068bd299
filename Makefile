# make setup   everything that riosim needs on this machine (see envs/setup.sh: says first what it installs)
# make demo    two scripted agents play the demo suite; prints a table and names an HTML file
# make test    what CI runs
# make test-all  the same, and the slow suites of screen and applications
# make prove   the proofs of all tasks
# make bench   the figures of docs/benchmarks.md, measured here
# make lint    formatting, types, import rules
#
# NO_INSTALL=1 keeps the system as it is: without a Docker engine the embedded sandbox is used.

SHELL := /bin/bash
VENV ?= .venv
BIN := $(VENV)/bin
RIOSIM := $(BIN)/riosim
SEED ?= 1
N ?= 1
PYTEST_ARGS ?=

.PHONY: setup demo test test-all prove bench lint clean

setup:
	@VENV=$(VENV) NO_INSTALL=$(NO_INSTALL) bash envs/setup.sh

demo: STAMP := $(shell date -u +%Y%m%d-%H%M%S)
demo: setup
	$(RIOSIM) run --suite demo --agent careful --seed $(SEED) --workers $(N) --id demo-$(STAMP)-careful
	$(RIOSIM) run --suite demo --agent gullible --seed $(SEED) --workers $(N) --id demo-$(STAMP)-gullible
	$(RIOSIM) report demo-$(STAMP)-careful demo-$(STAMP)-gullible --html runs/demo-$(STAMP).html
	@echo "Open it in a browser: $(CURDIR)/runs/demo-$(STAMP).html"

# The suites of screen and applications want a machine that does nothing else; see tests/README.md.
test: setup lint
	$(BIN)/python -m pytest $(PYTEST_ARGS) --ignore=tests/integration/stage --ignore=tests/integration/image

test-all: setup lint
	$(BIN)/python -m pytest $(PYTEST_ARGS)

prove: setup
	$(RIOSIM) tasks prove --seed $(SEED) --workers $(N)

bench: setup
	$(BIN)/python -m benchmarks

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:
	rm -rf $(VENV) build dist runs .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
