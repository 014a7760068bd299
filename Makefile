# make setup   everything that riosim needs on this machine (see envs/setup.sh: says first what it installs)
# make demo    two scripted agents play the demo suite; prints a table and names an HTML file
# make test    what CI runs
# make prove   the proofs of all tasks
# make bench   the figures of docs/benchmarks.md, measured here
# make lint    formatting, types, import rules
#
# EXTRAS=ci also installs PyTorch and transformers, and with them the tests of the transformers agent.
# NO_INSTALL=1 keeps the system as it is: without a Docker engine the embedded sandbox is used.

SHELL := /bin/bash
VENV ?= .venv
EXTRAS ?= dev
BIN := $(VENV)/bin
RIOSIM := $(BIN)/riosim
SEED ?= 1
N ?= 1
PYTEST_ARGS ?=

.PHONY: setup demo test prove bench lint clean

setup:
	@VENV=$(VENV) EXTRAS=$(EXTRAS) NO_INSTALL=$(NO_INSTALL) bash envs/setup.sh

demo: STAMP := $(shell date -u +%Y%m%d-%H%M%S)
demo: setup
	$(RIOSIM) run --suite demo --agent careful --seed $(SEED) --workers $(N) --id demo-$(STAMP)-careful
	$(RIOSIM) run --suite demo --agent gullible --seed $(SEED) --workers $(N) --id demo-$(STAMP)-gullible
	$(RIOSIM) report demo-$(STAMP)-careful demo-$(STAMP)-gullible --html runs/demo-$(STAMP).html
	@echo "Open it in a browser: $(CURDIR)/runs/demo-$(STAMP).html"

test: setup lint
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
