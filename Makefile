# make conformance [ARGS="--endpoint-url=URL ..."]   check the embedded reference, or the endpoint named
# make test [ARGS="-k WORD"]                         run the project's own tests
# make test-long                                    run those that take longer
# make hostile [ARGS="--only NAME"]                  run the suite against every hostile server; print how each run ended
# make proof [ARGS="--only FAULT"]                   check every clause against every fault; write proof/matrix.md
# make bench [ARGS="--rounds=N"]                     measure what a run costs beyond its calls
# make example                                      run the suite on several targets; write docs/example/
# make docs                                         write docs/clauses.md and docs/clauses.html from the tables
# make lint                                          run ruff and mypy
# make clean                                         remove what the others installed
#
# PYTHON=python3.12 chooses the Python that .venv is made with. make turns every failure into its own status 2 and
# prints the suite's ("Error 7"): gate CI on pytest itself, see docs/reports.md.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: conformance test test-long hostile proof bench example docs lint clean

conformance: $(VENV)/installed
	@$(BIN)/python -m pytest -c pyproject.toml suites $(ARGS)

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest -c pyproject.toml tests -m "not long" -n 2 --dist loadfile $(ARGS)

test-long: $(VENV)/installed-dev
	$(BIN)/python -m pytest -c pyproject.toml tests -m long -n 2 --dist worksteal $(ARGS)

hostile: $(VENV)/installed-dev
	@$(BIN)/python -m tests.hostile $(ARGS)

proof: $(VENV)/installed
	@$(BIN)/python -m proof $(ARGS)

bench: $(VENV)/installed
	@$(BIN)/python -m bench $(ARGS)

example: $(VENV)/installed-dev
	@$(BIN)/python -m tests.example docs/example

docs: $(VENV)/installed
	@$(BIN)/python -m proof --document --out docs

lint: $(VENV)/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one with PYTHON=")'
	@test -x $(BIN)/python || { echo "making $(VENV) and installing the suite's packages ..."; $(PYTHON) -m venv $(VENV); }
	@$(PIP) --editable '.[explore]'
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@echo "installing what the project's own tests need ..."
	@$(PIP) --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) build *.egg-info
