# Needs only Python 3.11 or newer and make.
PYTHON ?= python3
BIN := .venv/bin
export PYTHONPATH := src

.PHONY: help run demo test check contracts bench conform setup assets

help:      ## list the targets
	@grep -hE '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*##/ /'

run: setup assets      ## a nation, the main journey once, then portal, desk and console on port 8000
	@$(BIN)/python -m lienthong.config.cli up

demo: setup assets     ## the main journey, unattended, then stop
	@$(BIN)/python -m lienthong.config.cli up --demo

test: setup assets     ## the whole test suite
	$(BIN)/pytest -q -n auto --maxprocesses=$${LIENTHONG_TEST_PROCESSES:-4} --dist loadfile --no-loadscope-reorder $(ARGS)

check: setup assets    ## format, lint, types, import contracts, migrations, packages, the form table
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/pyright
	$(BIN)/python -m lienthong.config.checks

contracts: setup       ## publish the rooms' contracts under contracts/
	@$(BIN)/python -m lienthong.config.checks --write-contracts

bench: setup assets    ## benchmarks against a peer or a limit; NAME=cases runs one
	@$(BIN)/python -m bench $(NAME)

conform: setup assets  ## suites that others wrote, from the folder in LIENTHONG_PEERS; NAME=govstack_mediator runs one
	@$(BIN)/python -m bench.peers $(NAME)

setup: $(BIN)/.synced  ## Python environment from requirements.lock

assets: $(BIN)/.synced ## styles, scripts and type into an ignored folder
	@$(BIN)/python -m lienthong.channels.build_assets

$(BIN)/.synced: requirements.lock tools/link.py
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/python -m uv pip sync --quiet --require-hashes requirements.lock
	@$(BIN)/python tools/link.py
	@touch $@
