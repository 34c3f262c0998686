# The words people type, over `python -m <folder>`. Every target makes .venv from the lock files first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
WORKERS ?= 2
JS := tests/fake_jira/proof/clients/jira_js
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input

.DEFAULT_GOAL := help
.PHONY: help run test check evidence bench serve fake replay conform browser document lock

help:            ## what can be typed here
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

run: $(VENV)/run.done      ## a fake Jira with sample data and the service beside it, ready to look at and to break
	@exec $(BIN)/python -m scenarios.demo $(ARGS)

test: $(VENV)/test.done $(VENV)/node.done document browser      ## the whole suite: SQLite, a real PostgreSQL, a real browser
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

check: $(VENV)/test.done      ## ruff, mypy --strict, and the map of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { echo "Some files are not formatted: run .venv/bin/ruff format ."; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/mypy docs/take_pictures.py
	@$(BIN)/python -m pytest tests/test_map.py

evidence: $(VENV)/test.done $(VENV)/node.done      ## docs/evidence.md, fake_jira/LIMITS.md and the README's table anew (needs Atlassian's documents)
	@$(BIN)/python -m tests.fake_jira.proof.evidence
	@$(BIN)/python -m tests.every_authentication

bench: $(VENV)/test.done      ## speed as ratios, measured side by side in one run
	@$(BIN)/python -m bench $(ARGS)

serve: $(VENV)/run.done      ## the service alone (options: make serve ARGS="--port 9000")
	@exec $(BIN)/python -m service serve $(ARGS)

fake: $(VENV)/run.done      ## the fake Jira alone
	@exec $(BIN)/python -m fake_jira serve --flavour cloud $(ARGS)

replay: $(VENV)/run.done      ## the stories about failure
	@$(BIN)/python -m scenarios $(or $(ARGS),scenarios/library)

conform: $(VENV)/run.done      ## judges any server: make conform ARGS="http://127.0.0.1:8080 --token ..."
	@$(BIN)/python -m contract $(ARGS)

# Each environment is made once and again when its lock file changes. The packages are put in place as links to this
# folder, so that the four commands exist in .venv/bin.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "Python 3.11, 3.12 or 3.13 is needed; this is " + sys.version.split()[0] + ". Name another one: make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python cannot make a virtual environment; on Debian: apt-get install python3-venv"; exit 1; }

$(VENV)/run.done: requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "Installing what the service and the fake Jira need into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/test.done: requirements/test.txt pyproject.toml | $(BIN)/python
	@echo "Installing what the tests need into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements/test.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/run.done

# The client jira.js, where npm is; without it those tests say that they were skipped.
$(VENV)/node.done: $(JS)/package-lock.json | $(BIN)/python
	@if command -v npm >/dev/null && npm ci --prefix $(JS) --no-audit --no-fund --silent; then touch $@; \
	else echo "The client jira.js is not installed (npm); its tests are skipped."; fi

# Atlassian's document of Jira Cloud, where no copy is at hand; without it those checks say that they were skipped.
document: $(VENV)/test.done
	@$(BIN)/python -m tests.fake_jira.proof.fetch

browser: $(VENV)/test.done
	@$(BIN)/python tests/browser.py install

lock:            ## the lock files anew from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --extra house --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet -o requirements/run.txt
	uv pip compile pyproject.toml --extra house --extra test --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet -o requirements/test.txt
