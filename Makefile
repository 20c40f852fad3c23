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
# Without it each of hundreds of processes compiles our modules anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test test-warehouse test-rest test-engines check test-bad test-house test-quick lint-compile lint-style lint docs diff image parity athena redshift faults bench audit lock clean

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
		echo "Installing the locked requirements into .venv"; \
		$(PYTHON) -m venv .venv; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt; \
		$(BIN)/uv pip install --quiet --system-certs --compile-bytecode --require-hashes -r $(LOCK); \
		cp $(LOCK) .venv/installed.txt; \
	fi
	@[ -e profiles.yml ] || cp profiles.yml.example profiles.yml

demo: setup  ## an invented month of every source: land it, build the marts, show what came out; or PRACTICE=synthea DIR=…
	@$(BIN)/python -m samples.demo "$(PRACTICE)" "$(DIR)"

test: setup  ## style, types, and all tests: warehouse built, and the three engines compared cell by cell
	@$(MAKE) --no-print-directory -j3 --keep-going --output-sync=target parity test-warehouse test-rest test-engines lint

# The longest parts first, three at a time: each waits now and then, for a disk or for an answer, and two leave a core
# idle. Each says what in it took longest.
parity: setup  ## the whole project on all three engines, cell by cell; a quarter of an hour
	$(BIN)/pytest --durations=10 tests/engines/parity
test-warehouse: setup
	$(BIN)/pytest --durations=10 tests/warehouse
test-rest: setup
	$(BIN)/pytest --durations=10 --ignore=tests/warehouse --ignore=tests/engines
test-engines: setup
	$(BIN)/pytest --durations=10 --ignore=tests/engines/parity tests/engines

check: setup  ## in a minute: style, types, the project compiled, every bad input, the quick tests
	@$(MAKE) --no-print-directory -j2 --output-sync=target test-quick test-bad test-house lint-style lint-compile

# A landing takes a quarter of a second, and there are hundreds: of the rooms that land, the bad inputs alone.
QUICK := -q -m "not slow and not warehouse" -k "not s3"
ELSEWHERE := house privacy samples warehouse engines
LANDING := land inbox verify faults catalog extract drafting test_cli.py test_machine.py
test-bad: setup
	$(BIN)/pytest $(QUICK) tests/ingestion/land/test_bad_inputs.py
test-house: setup
	$(BIN)/pytest $(QUICK) tests/house tests/privacy tests/samples
test-quick: setup
	$(BIN)/pytest $(QUICK) $(ELSEWHERE:%=--ignore=tests/%) $(LANDING:%=--ignore=tests/ingestion/%)
lint-compile: setup
	$(BIN)/python -m tools.project duckdb

lint: lint-style  ## style and types of Python, SQL and YAML, spelling, the contracts' schema, the Dockerfile
	$(BIN)/python -m tools.lint.sql $(ENGINES)
	$(BIN)/sqlfluff lint --processes 1 models snapshots tests/singular

lint-style: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/yamllint --strict .
	$(BIN)/python -m tools.lint.lines
	$(BIN)/python -m tools.lint.contract_schema
	$(BIN)/hadolint Dockerfile

diff: setup  ## what HEAD does to the figures: make diff BASE=REV builds both and compares every mart
	@$(BIN)/python -m tools.diff $(or $(BASE),$(error say which commit to compare with: make diff BASE=REV))

image: setup  ## build the image out of Debian's packages and try it; as root, some minutes
	deploy/image/build.sh
	$(BIN)/pytest --durations=10 tests/image/built.py

docs: setup  ## the warehouse's documentation with lineage, and a diagram per area, into site/
	@$(BIN)/python -m docs.build

athena: setup  ## a stand-in for Athena (with S3 and Glue) to use by hand; prints its settings
	@$(BIN)/python -m tools.athena

redshift: setup  ## a stand-in for Redshift (with S3 and Glue) to use by hand; prints its settings
	@$(BIN)/python -m tools.redshift

faults: setup  ## kills, failed calls, faults of the wire, races and damage, by the hundred; properties by new examples (an hour of CPU)
	$(BIN)/pytest -q -m hypothesis --hypothesis-profile=search
	$(BIN)/python -m tests.ingestion.faults.whole

bench: setup  ## measure landing and history (minutes, and gigabytes of scratch space)
	$(BIN)/python -m benchmarks

AUDIT := .cache/audit
REACH := import urllib.request as web; web.urlopen('https://api.osv.dev/v1/vulns/PYSEC-2018-28', timeout=10)
audit: setup  ## what is installed, as CycloneDX (target/sbom.json), and what is known to be wrong with it
	@$(BIN)/uv venv --quiet --allow-existing --python $(PYTHON) $(AUDIT)
	@$(BIN)/uv pip install --quiet --python $(AUDIT)/bin/python --require-hashes -r requirements/audit.txt
	@mkdir -p target
	@$(AUDIT)/bin/cyclonedx-py requirements --output-file target/sbom.json requirements/runtime.txt
	@echo "target/sbom.json: the runtime's packages"
	@if ! $(AUDIT)/bin/python -c "$(REACH)" 2>/dev/null; then \
		echo "SKIPPED: the database of vulnerabilities (api.osv.dev) cannot be reached from here" >&2; exit 0; fi; \
	for name in runtime dev; do \
		$(AUDIT)/bin/pip-audit --vulnerability-service osv --disable-pip --require-hashes \
			-r requirements/$$name.txt; \
	done

lock: setup  ## resolve the requirements again, keeping every version that still fits
	for name in uv runtime dev audit; do \
		$(BIN)/uv pip compile --quiet --system-certs --generate-hashes --no-strip-extras --python-version 3.11 \
			--custom-compile-command "make lock" requirements/$$name.in -o requirements/$$name.txt; \
	done

clean:  ## remove what demo, tests and docs have made (not .venv)
	rm -rf .cache .demo site target logs .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -type d -prune -exec rm -rf {} +
