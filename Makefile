# The verbs of the project. Set-up happens by itself, once, and again when a lock file changes.

VENV := .venv
BIN := $(VENV)/bin
# Twice quiet: errors only. Once quiet still tells of every index setting of the machine.
PIP_INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check
PEERS := tests/peers/node_modules
# The Python peer that is a package `smpp`, as ours is: in a folder that its process alone looks into.
TWISTED := $(VENV)/twisted
# Two at a time, for many tests wait until processes have started. Those of a module stay together, as they share
# worlds; modules go in their order, so that the quick ones of tests/unit fill the end.
PYTEST := $(BIN)/python -m pytest -n $(or $(JOBS),2) --dist loadfile --no-loadscope-reorder
# The limit after which a test is taken to hang, and ends the run: the longest take minutes on a busy machine.
PATIENT := -o faulthandler_timeout=1200
CONFIG := conf/gateway.toml
IMAGE := .image

# A stamp tells what is done; its prerequisites tell when it must be done again.
VENV_READY := $(VENV)/.venv-ready
RUN_READY := $(VENV)/.run-ready
DEV_READY := $(VENV)/.dev-ready
NODE_READY := $(PEERS)/.ready
TWISTED_READY := $(TWISTED)/.ready
PEERS_READY := $(NODE_READY) $(TWISTED_READY)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help tools setup demo run test test-full soak plans fuzz check bench bench-image lock clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /make \1	/p' $(MAKEFILE_LIST) | expand -t 16

setup: $(RUN_READY) $(DEV_READY) $(PEERS_READY) tools ## everything below does it by itself: .venv and the test peers, from the locks
	@echo "setup: done"

demo: $(RUN_READY) ## the main job in one process: send, DELIVERED, webhook, STOP (ONCE=1 ends after the show)
	@$(BIN)/trunkline demo $(if $(filter-out 0,$(ONCE)),--once)

run: $(RUN_READY) $(CONFIG) ## serve with conf/gateway.toml, copied from the example when absent
	@$(BIN)/trunkline serve --config $(CONFIG)

tools: # what the fault tests look with: system calls; and the engines of the production store
	@scripts/need strace strace
	@scripts/need cc gcc
	@scripts/need initdb postgresql
	@scripts/need redis-server redis-server
	@scripts/need tshark tshark
	@scripts/need bearerbox kannel

test: $(DEV_READY) $(PEERS_READY) tools ## every test but the longest, on both engines where they differ (ARGS=tests/unit for some)
	@$(PYTEST) $(ARGS)

test-full: $(DEV_READY) $(PEERS_READY) tools ## every test, all of them on both engines, and those that take minutes or a mount (as root)
	@$(PYTEST) --full $(PATIENT) $(ARGS)

soak: $(DEV_READY) $(PEERS_READY) tools ## of these the tests that take minutes, or a mount (as root)
	@$(BIN)/python -m pytest -m soak $(PATIENT) tests/faults tests/processes

plans: $(DEV_READY) tools ## how PostgreSQL finds its rows with 1,000,000 messages stored (make test does it with 100,000)
	@TRUNKLINE_PLAN_ROWS=1000000 $(BIN)/python -m pytest tests/load/test_plans.py

fuzz: $(DEV_READY) ## 1,000,000 mutated frames for the SMPP decoder and sessions, and the branches they reach (ARGS="FRAMES SEED")
	@$(BIN)/python -m tests.wire.fuzz_long $(ARGS)

check: $(DEV_READY) ## format, lint, types, import boundaries, generated files
	@$(BIN)/ruff format --check --quiet || { echo "check: run $(BIN)/ruff format"; exit 1; }
	@$(BIN)/ruff check --quiet
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m gateway.generated --check

bench: $(RUN_READY) ## the built-in measurement, one table, with ratios
	@$(BIN)/trunkline bench $(ARGS)

bench-image: $(RUN_READY) ## the same with the Python of the image, in a system of its own under .image (as root)
	@scripts/need debootstrap debootstrap
	@VENV=$(VENV) scripts/image-root $(IMAGE) trunkline bench --dir /var/tmp $(ARGS)

lock: $(DEV_READY) ## resolve requirements/*.in and the peers' package.json again, to the newest versions
	@$(COMPILE) requirements/runtime.in requirements/build.in --output-file requirements.txt
	@$(COMPILE) requirements/runtime.in requirements/build.in requirements/dev.in \
		--constraint requirements.txt --output-file requirements-dev.txt
	@$(COMPILE) tests/peers/requirements.in --constraint requirements-dev.txt --output-file tests/peers/requirements.txt
	@cd tests/peers && npm install --package-lock-only --ignore-scripts --no-audit --no-fund --silent
COMPILE := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

clean: ## remove what set-up and tools made (never conf/gateway.toml or data)
	@rm -rf $(VENV) $(IMAGE) $(PEERS) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV_READY): scripts/venv
	@scripts/venv $(VENV)
	@touch $@

$(RUN_READY): requirements.txt pyproject.toml | $(VENV_READY)
	@echo "setup: the locked libraries of requirements.txt"
	@$(PIP_INSTALL) --require-hashes -r requirements.txt
	@$(PIP_INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(DEV_READY): requirements-dev.txt | $(RUN_READY)
	@echo "setup: the locked tools of requirements-dev.txt"
	@$(PIP_INSTALL) --require-hashes -r requirements-dev.txt
	@touch $@

$(NODE_READY): tests/peers/package-lock.json | $(DEV_READY)
	@echo "setup: the JavaScript peers of tests/peers/package-lock.json"
	@$(BIN)/python -m tests.peers.node
	@touch $@

$(TWISTED_READY): tests/peers/requirements.txt | $(DEV_READY)
	@echo "setup: the Python peers of tests/peers/requirements.txt"
	@rm -rf $(TWISTED)
	@$(PIP_INSTALL) --require-hashes --no-build-isolation --target $(TWISTED) -r tests/peers/requirements.txt
	@touch $@

$(CONFIG):
	@cp conf/gateway.example.toml $@
	@echo "run: $@ is new, a copy of conf/gateway.example.toml"
