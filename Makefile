# The habits of the house. `make run` and `make test` each start from an empty clone.
PYTHON ?= python3.11
BIN := .venv/bin
INSTALLED := .venv/installed
DATA ?= ../shared/data
BUNDLE := model_artifacts/embedded
REPORTS := out
SERVICE ?= http://127.0.0.1:8000

.PHONY: setup run serve test test-all check lint format types layers bench load replay verify train train-smoke meeting pictures clean

setup: $(INSTALLED)  ## Create .venv with the pinned dependencies of all parts.

# Not compiled beforehand: most modules of torch and Ray are never imported, and compiling them all
# takes nearly as long as all the rest. What the service's dozen processes import is, even where the
# environment says that Python should keep no bytecode: each would compile it anew at every start.
$(INSTALLED): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --no-compile --editable '.[dev]'
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -c 'import actors.offline, hoovik.audio.embedded, hoovik.face.embedded, hoovik.models.compiled, commands.main, commands.service'
	touch $@

run: setup  ## Play the sample meeting through the real service; at a terminal the service stays up.
	$(BIN)/hoovik demo --stay

serve: setup  ## Run the service until Ctrl-C.
	$(BIN)/hoovik serve

test: check  ## Everything CI runs: lint, types, layers, and the tests but the slow ones.
	$(BIN)/python -m pytest -n logical -m 'not slow' tests/unit tests/integration
	$(BIN)/python -m pytest -m 'not slow' tests/e2e

test-all: check  ## The slow tests too.
	$(BIN)/python -m pytest -n logical tests/unit tests/integration
	$(BIN)/python -m pytest tests/e2e

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
	$(BIN)/hoovik bench models --json $(REPORTS)/models.json
	$(BIN)/hoovik bench live --participants 2 --json $(REPORTS)/live.json
	$(BIN)/hoovik bench rooms --json $(REPORTS)/rooms.json
	$(BIN)/hoovik bench compare --encoders embedded --json $(REPORTS)/compare.json
	$(BIN)/hoovik bench replay --json $(REPORTS)/replay.json

load: setup  ## Six participants who come and go for a minute, in a running service.
	$(BIN)/python -m bench.load --url $(SERVICE) --participants 6 --seconds 60 --interrupt-every 10

replay: setup  ## Replay the sample meeting; the report is $(REPORTS)/replays/meeting/report.html.
	$(BIN)/hoovik replay samples/meeting --out $(REPORTS)/replays

verify: setup  ## Check the shipped bundle against its manifest.
	$(BIN)/hoovik bundle verify

train: setup  ## Make the embedded bundle anew from $(DATA); goes on where it was stopped.
	$(BIN)/hoovik train --config training/configs/embedded.yaml --data $(DATA) --out $(BUNDLE) --work $(REPORTS)/training

train-smoke: setup  ## All of training on stand-in corpora: whether it runs, not whether it learns.
	rm -rf $(REPORTS)/smoke
	$(BIN)/python samples/make_corpora.py --out $(REPORTS)/smoke/corpora
	$(BIN)/hoovik train --config training/configs/smoke.yaml --data $(REPORTS)/smoke/corpora --out $(REPORTS)/smoke/bundle
	$(BIN)/hoovik bundle verify $(REPORTS)/smoke/bundle

meeting: setup  ## Make the sample meeting anew; needs espeak-ng.
	$(BIN)/python samples/make_meeting.py --out samples/meeting

pictures: setup  ## The pictures of README; needs chromium.
	$(BIN)/python samples/make_pictures.py

clean:
	rm -rf .venv build out *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
