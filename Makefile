# make conformance [ARGS="--endpoint-url=URL ..."]   judge the embedded reference, or the endpoint named
# make test                                          the project's own tests
# make proof                                         every clause against every mistake; writes proof/matrix.md
# make lint                                          ruff and mypy
#
# make reports any failure as its own status 2 and prints the suite's ("Error 7"); gate a CI on pytest itself, see README.md.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: conformance test proof lint clean

conformance: $(VENV)/installed
	@$(BIN)/python -m pytest -c pyproject.toml suites $(ARGS)

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest -c pyproject.toml tests -n 2 --dist loadfile $(ARGS)

proof: $(VENV)/installed
	@$(BIN)/python -m proof $(ARGS)

lint: $(VENV)/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one with PYTHON=")'
	@test -x $(BIN)/python || { echo "making $(VENV) and installing the suite's packages ..."; $(PYTHON) -m venv $(VENV); }
	@$(PIP) --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@echo "installing what the project's own tests need ..."
	@$(PIP) --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) build *.egg-info
