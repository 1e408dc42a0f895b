# The habits of the house. `make run` and `make test` each start from an empty clone.
PYTHON ?= python3.11
BIN := .venv/bin
INSTALLED := .venv/installed
DATA ?= ../shared/data
BUNDLE := model_artifacts/embedded
REPORTS := out

.PHONY: setup run serve test test-all check lint format types layers bench verify train meeting clean

setup: $(INSTALLED)  ## Create .venv with the pinned dependencies.

$(INSTALLED): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

run: setup  ## Play the sample meeting through the real service; at a terminal the service stays up.
	$(BIN)/hoovik demo --stay

serve: setup  ## Run the service until Ctrl-C.
	$(BIN)/hoovik serve

test: check  ## Everything CI runs: lint, types, layers, and the tests but the slow ones.
	$(BIN)/python -m pytest -m 'not slow'

test-all: check  ## The slow tests too.
	$(BIN)/python -m pytest

check: lint types layers

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: setup  ## Let ruff write.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: setup
	$(BIN)/mypy

layers: setup
	$(BIN)/lint-imports

bench: setup  ## The figures of docs/performance.md, measured here.
	mkdir -p $(REPORTS)
	$(BIN)/hoovik bench live --participants 2 --seconds 20 --json $(REPORTS)/live.json

verify: setup  ## Check the shipped bundle against its manifest.
	$(BIN)/hoovik bundle verify

train: setup  ## Train the embedded bundle anew from $(DATA).
	$(BIN)/python -m training.audio --data $(DATA) --out $(BUNDLE)
	$(BIN)/python -m training.face --data $(DATA) --out $(BUNDLE) --only detector
	$(BIN)/python -m training.face --data $(DATA) --out $(BUNDLE) --only student
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m training.build --data $(DATA) --out $(BUNDLE)

meeting: setup  ## Make the sample meeting anew; needs espeak-ng.
	$(BIN)/python samples/make_meeting.py --out samples/meeting

clean:
	rm -rf .venv build out *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
