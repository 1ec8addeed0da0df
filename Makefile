# `make help` lists what there is to do.

SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ARGS ?=
# Thousands of tests in several processes, and servers: each would read every module's source again.
unexport PYTHONDONTWRITEBYTECODE
# One more than CPUs, as some tests wait for servers; more than eight bring nothing.
JOBS ?= $(shell n=$$(nproc 2>/dev/null || echo 1); echo $$(( n > 7 ? 8 : n + 1 )))
# What servers get, whatever their configuration: requirements.lock. All else is for development.
RUNTIME_EXTRAS := build mysql postgres redis saml
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
# Where every test needs servers: to leave them out, none of it has to be read.
SERVERS_ONLY := $(addprefix tests/,browser dropin faults peers sdks)

.PHONY: help run test check compatibility bench soak lint format audit servers frontends sdks peers images lock docs clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(STAMP) ## Serve on http://localhost:8000, for development; ARGS="--bind HOST:PORT" changes that
	@$(BIN)/hanko-compat serve --dev $(ARGS)

test: servers frontends sdks peers images $(STAMP) ## Run every test, on SQLite, PostgreSQL and MariaDB; installs the servers when root
	$(BIN)/python -m pytest -n $(JOBS) --databases sqlite,postgres,mariadb $(ARGS)

check: $(STAMP) lint ## The quick round: format, lint, types, fast tests on SQLite; of a table of cases, one
	$(BIN)/python -m pytest -n auto -q -m "not servers and not slow" --cases 1 $(SERVERS_ONLY:%=--ignore=%) $(ARGS)

compatibility: servers frontends sdks peers $(STAMP) ## Write docs/compatibility.md again, from the tests that it reports on
	$(BIN)/python -m pytest -n $(JOBS) --databases sqlite,postgres,mariadb --write-compatibility \
	  tests/contract/test_traces.py tests/browser tests/sdks tests/dropin $(ARGS)

lint: $(STAMP) ## Check format, style and types only
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(STAMP) ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

audit: $(STAMP) ## Look for advisories about the packages in both locks and the oldest that setup.cfg allows
	@$(BIN)/python -m scripts.audit

bench: servers $(STAMP) ## Measure requests per second, latency and memory
	$(BIN)/python -m benchmarks $(ARGS)

soak: servers $(STAMP) ## Serve mixed traffic for thirty minutes, and fail if memory, descriptors or tables grow
	$(BIN)/python -m benchmarks.soak $(ARGS)

docs: $(STAMP) ## Write docs/cli.md, the man pages and the drawn parts of docs/architecture.md again
	$(BIN)/python scripts/write_cli_docs.py
	$(BIN)/python -m scripts.write_man_pages
	$(BIN)/python -m scripts.draw_architecture

lock: $(STAMP) ## Write both locks again, from the ranges in setup.cfg; ARGS=--upgrade takes newer versions of all
	$(COMPILE) $(RUNTIME_EXTRAS:%=--extra %) -o requirements.lock $(ARGS) setup.cfg
	$(COMPILE) --all-extras --constraints requirements.lock -o requirements-dev.lock $(ARGS) setup.cfg

servers:
	@scripts/install_servers.sh

frontends: servers
	@scripts/fetch_frontends.sh

sdks: servers
	@scripts/fetch_locked.sh tests/sdks/node var/sdks/node

peers: servers
	@scripts/fetch_locked.sh tests/peers/node var/peers/node

images: servers
	@scripts/make_base_image.sh

clean: ## Remove the virtual environment and what the tools left; ./var stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist *.egg-info

$(STAMP): requirements-dev.lock setup.cfg pyproject.toml
	@scripts/make_venv.sh $(VENV)
	@touch $@
