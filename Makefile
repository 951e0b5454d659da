# Everything a newcomer types. `make run` and `make test` are all that is needed; both set up what is missing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Chromium's own sandbox cannot work for root; the switch prints a loud warning. Run as an ordinary user to avoid it.
AS_ROOT := $(if $(filter 0,$(shell id -u)),--no-browser-sandbox)
# Most of the time the tests wait for something. A file stays with one worker, so that what its tests share is made once.
BESIDE := -n 3 --dist loadfile --no-loadscope-reorder
PACKAGES := agent alerting checks exporters probes ranking reports sandbox store

.PHONY: help setup run test check format faults bench docs image clean
.DEFAULT_GOAL := help

help:  ## Show the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

setup: $(STAMP)  ## Install the program, a browser and fonts, if missing
	$(BIN)/python -m scripts.install browser fonts

run: setup  ## Start the practice province and the agent, open the board
	$(BIN)/dvcwatch run --with-sandbox --open $(AS_ROOT)

test: setup  ## Run all checks and all tests
	$(BIN)/python -m scripts.install test-tools
	$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest $(BESIDE)

check: $(STAMP)  ## Lint, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP)  ## Format the code
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format .

faults: setup  ## Break 140 things, write what the agent said to docs/faults.md
	$(BIN)/python -m scripts.install test-tools
	$(BIN)/python -m tests.faults

bench: setup  ## Measure ourselves; prints ratios, asserts nothing
	$(BIN)/python -m scripts.install bench-tools
	$(BIN)/python -m bench

docs: $(STAMP)  ## Write the generated pages again
	$(BIN)/python -m scripts.generate

image: $(STAMP)  ## Build the container image
	bash scripts/build-image.sh

clean:  ## Remove what `make` made (not data/)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache build dist
