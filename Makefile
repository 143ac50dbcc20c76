# Everything happens in .venv; nothing has to be activated.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check --constraint constraints.txt
NEEDED := pyproject.toml constraints.txt
BENCH_KEYS := 1000000
BENCH_RUNS := 5
SOAK_RELEASES := 200
SOAK_SEED :=
SOAK_DATABASE := sqlite

.DEFAULT_GOAL := help
.PHONY: help demo test check bench fault soak audit clean

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/demo.stamp ## a local Slack, a demo shop and the bot; prints the address of the page
	@$(BIN)/cache-release demo

test: check ## all checks, then all tests, with real servers
	@./.ci/chromium
	@./.ci/redis
	@./.ci/nginx
	@$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

check: .venv/dev.stamp ## format, lint, types and arrows; no test is run
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

bench: .venv/bench.stamp ## measure clicks, purges, neighbours, memory, a cluster and first bytes, and print tables
	@$(BIN)/python -m tests.bench.bench_ack
	@$(BIN)/python -m tests.bench.bench_purge --keys $(BENCH_KEYS) --runs $(BENCH_RUNS)
	@$(BIN)/python -m tests.bench.bench_neighbour --keys $(BENCH_KEYS)
	@$(BIN)/python -m tests.bench.bench_slices
	@$(BIN)/python -m tests.bench.bench_memory
	@$(BIN)/python -m tests.bench.bench_cluster
	@$(BIN)/python -m tests.bench.bench_history
	@$(BIN)/python -m tests.bench.bench_first_byte

fault: .venv/dev.stamp ## kill, pause and cut off everything at every point, on both databases; takes most of an hour
	@./.ci/redis
	@$(BIN)/python -m pytest -m "fault or long" --numprocesses 3 --dist load

soak: .venv/dev.stamp ## 200 releases by 20 people over two processes while Slack fails; SOAK_SEED=n repeats one
	@SOAK_RELEASES=$(SOAK_RELEASES) SOAK_PEOPLE=20 SOAK_SECONDS=540 SOAK_SEED=$(SOAK_SEED) SOAK_DATABASE=$(SOAK_DATABASE) \
	  $(BIN)/python -m pytest tests/fault/test_soak.py --log-cli-level=INFO

audit: .venv/audit.stamp ## ask the advisory database about every installed package; needs the network
	@$(BIN)/pip-audit --skip-editable

clean: ## remove .venv and what the demo wrote
	rm -rf .venv var

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed, found $$($(PYTHON) --version 2>&1). Name one: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv || \
	  { rm -rf .venv; echo "Python cannot make a virtual environment here. On Debian: apt-get install python3-venv"; exit 1; }

.venv/demo.stamp: $(NEEDED) | .venv/bin/python
	@echo "Setting up .venv, once …"
	@$(PIP) --editable '.[sandbox]'
	@touch $@

.venv/bench.stamp: $(NEEDED) .venv/dev.stamp
	@$(PIP) --editable '.[sandbox,postgres,dev,bench]'
	@touch $@

.venv/dev.stamp: $(NEEDED) .venv/demo.stamp
	@$(PIP) --editable '.[sandbox,postgres,dev]'
	@touch $@

.venv/audit.stamp: $(NEEDED) .venv/dev.stamp
	@$(PIP) --editable '.[sandbox,postgres,s3,dev,audit]'
	@touch $@
