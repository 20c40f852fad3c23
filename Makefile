# Everything that is done with this checkout, in one place. `make` alone explains the targets.
# Needs Python 3.11, make and git; all else is installed into .venv from the locked requirements.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3.11
BIN := .venv/bin
LOCK := requirements/dev.txt
ENGINES := duckdb athena redshift

# Tools that phone home cost seconds where there is no network, and tell what is nobody's business.
export DO_NOT_TRACK := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false

.PHONY: help setup demo test test-warehouse test-rest test-engines check test-landing test-others lint docs parity athena redshift bench lock clean

help:  ## explain the targets
	@echo "Landfall: land extracts, build the warehouse. Begin with 'make demo'."
	@echo
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10 | sed 's/^/  make /'

setup:  ## install the locked requirements into .venv (only when the lock has changed)
	@if ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then \
		echo "Landfall needs Python 3.11: put python3.11 on the PATH, or say make PYTHON=/path/to/python3.11" >&2; \
		exit 2; \
	fi
	@if ! cmp -s $(LOCK) .venv/installed.txt; then \
		echo "Installing the locked requirements into .venv (a minute or two)"; \
		$(PYTHON) -m venv .venv; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK); \
		cp $(LOCK) .venv/installed.txt; \
	fi
	@[ -e profiles.yml ] || cp profiles.yml.example profiles.yml

demo: setup  ## an invented month of every source: land it, build the marts, show what came out
	@$(BIN)/python -m samples.demo

test: setup  ## style, types, and all tests: warehouse built, and the three engines compared cell by cell
	@$(MAKE) --no-print-directory -j2 --keep-going --output-sync=target parity test-warehouse test-rest test-engines lint

# Parts that run two at a time, each on a core, the longest first; each says what in it took longest.
parity: setup  ## the whole project on all three engines, cell by cell; twenty minutes
	$(BIN)/pytest --durations=10 tests/engines/parity
test-warehouse: setup
	$(BIN)/pytest --durations=10 tests/warehouse
test-rest: setup
	$(BIN)/pytest --durations=10 --ignore=tests/warehouse --ignore=tests/engines
test-engines: setup
	$(BIN)/pytest --durations=10 --ignore=tests/engines/parity tests/engines

check: setup  ## in under two minutes: style, types, and the quick tests on a local lake
	@$(MAKE) --no-print-directory -j2 --output-sync=target ENGINES=duckdb test-landing lint test-others

# The tests of landing take longer than all the rest of the check: they begin at once, on a core of their own.
QUICK := -q -m "not slow and not warehouse" -k "not s3"
test-landing: setup
	$(BIN)/pytest $(QUICK) tests/ingestion
test-others: setup
	$(BIN)/pytest $(QUICK) --ignore=tests/ingestion --ignore=tests/warehouse --ignore=tests/engines

lint: setup  ## style and types of Python and SQL, the contracts' schema, the Dockerfile
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m tests.lint.contract_schema
	$(BIN)/python -m tests.lint.sql $(ENGINES)
	$(BIN)/hadolint Dockerfile

docs: setup  ## the warehouse's documentation with lineage, and a diagram per area, into site/
	@$(BIN)/python -m docs.build

athena: setup  ## a stand-in for Athena (with S3 and Glue) to use by hand; prints its settings
	@$(BIN)/python -m tests.engines.athena

redshift: setup  ## a stand-in for Redshift (with S3 and Glue) to use by hand; prints its settings
	@$(BIN)/python -m tests.engines.redshift

bench: setup  ## measure landing and history (minutes, and gigabytes of scratch space)
	$(BIN)/python -m benchmarks

lock: setup  ## resolve the requirements again, keeping every version that still fits
	for name in runtime dev; do \
		$(BIN)/uv pip compile --quiet --generate-hashes --no-strip-extras --python-version 3.11 \
			--custom-compile-command "make lock" requirements/$$name.in -o requirements/$$name.txt; \
	done

clean:  ## remove what demo, tests and docs have made (not .venv)
	rm -rf .demo site target logs .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -type d -prune -exec rm -rf {} +
