# Everything runs in .venv (our tools) and .venv-server (the AWS emulator); `make` sets both up.

PYTHON ?= $(firstword $(shell command -v python3.11 python3.12 python3.13 python3 2>/dev/null))
PY := .venv/bin/python
AWS_PORT ?= 4566
CARRIER_PORT ?= 4700
HOUR ?= 14
export AWS_PORT CARRIER_PORT
export PYTHONDONTWRITEBYTECODE = 1
DEMO := $(PY) -m infra.demo --hour $(HOUR) $(if $(PERSIST),--persist)

.DEFAULT_GOAL := help
.PHONY: help setup run demo test check fmt lint types arch unit integration contract browser package \
        test-package e2e fuzz cov mutation mutation-small bench bench-eligibility bench-audiences bench-visitors bench-redirect bench-links \
        bench-dispatch bench-exports bench-pace bench-best-channel cost chaos chaos-small docs deploy requirements clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

setup: .venv/.done .venv-server/.done ## Install everything into .venv and .venv-server

.venv/.done: infra/requirements/dev.txt infra/requirements/data.txt
	@infra/setup.sh "$(PYTHON)" .venv infra/requirements/dev.txt "tools" -r infra/requirements/data.txt

.venv-server/.done: infra/requirements/server.txt
	@infra/setup.sh "$(PYTHON)" .venv-server infra/requirements/server.txt "AWS emulator"

run: setup ## Show the main job on this machine and stay up until Ctrl-C (HOUR=14 PERSIST=1)
	@$(DEMO) --stay

demo: setup ## The same without staying up; figures in build/demo.json
	@$(DEMO) --once

test: check mutation-small e2e ## Everything that proves the build

check: setup fmt lint types arch unit integration contract browser package test-package ## All but e2e

fmt: setup ## Check the format
	$(PY) -m ruff format --check -q .

lint: setup ## Check the style
	$(PY) -m ruff check -q .

types: setup ## Check the types
	$(PY) -m mypy

arch: setup ## Check who imports whom
	.venv/bin/lint-imports --no-logo 2>/dev/null || .venv/bin/lint-imports

unit: setup ## Pure parts and use cases
	$(PY) -m pytest -q -n 2 tests/unit tests/guards

integration: setup ## Stores, routes and events on moto
	$(PY) -m pytest -q -n 2 tests/integration

contract: setup ## Adapters and the carrier simulator over real HTTP
	$(PY) -m pytest -q -n 2 tests/contract

browser: setup ## Pages that recipients see, in a real browser (skips without Chromium)
	$(PY) -m pytest -q -rs tests/browser

package: setup ## Build build/package, which is what is deployed everywhere
	@$(PY) -m infra.package
	@$(PY) -m infra.check_package

test-package: package ## Check the packaged artefact
	$(PY) -m pytest -q tests/package

e2e: package ## The deployed system on the local stack, four of them beside each other
	$(PY) -m pytest -q -n 4 --dist loadfile --durations=8 tests/e2e

fuzz: setup ## Hostile addresses, codes, slugs and headers for a quarter of an hour; what ran is printed
	@$(PY) -m infra.fuzz

cov: setup ## Coverage of the unit and integration tests
	$(PY) -m pytest -q --cov --cov-report=term-missing:skip-covered tests/unit tests/integration

mutation: setup ## Do the tests notice every small change of a decision? (all of functions/domain)
	@$(PY) -m infra.mutation

mutation-small: setup ## The same for the two modules that decide who may be written to
	@$(PY) -m infra.mutation --module eligibility --module consent --floor 0.95

bench-eligibility: setup ## Is the one door right, how fast, and what does it cost?
	@$(PY) -m benchmarks.eligibility

bench-audiences: setup ## Are audiences right, and how fast are they found among a million people?
	@$(PY) -m benchmarks.audiences

bench-visitors: setup ## Are people and machines behind openings of links told apart?
	@$(PY) -m benchmarks.visitors

bench-links: setup ## All figures of links, tests of variants, follow-ups and reports beside their goals
	@$(PY) -m benchmarks.links

bench-dispatch: setup ## What does a message cost in dispatch, against Celery and a C client?
	@$(PY) -m benchmarks.dispatch

bench-best-channel: setup ## What does choosing the channel of each person bring, and cost?
	@$(PY) -m benchmarks.best_channel

bench-exports: setup ## What does an export read, how fast is it, and how large are its files?
	@$(PY) -m benchmarks.exports

bench-pace: setup ## Are limits kept to one percent, by the clock of the provider?
	@$(PY) -m benchmarks.pace

bench-redirect: setup ## What does an opened link cost, beside FastAPI with Redis?
	@$(PY) -m benchmarks.redirect

bench: setup ## Measure; table in docs/performance.md, figures in build/bench
	@$(PY) -m benchmarks.main
	@$(PY) -m benchmarks.dispatch

cost: setup ## What AWS charges for a million messages, clicks, contacts, and an idle month
	@$(PY) -m benchmarks.cost $(if $(ACCEPT),--accept)

chaos: setup ## Everything goes wrong, a million times and on the local stack; is anybody written to twice?
	@$(PY) -m benchmarks.chaos $(if $(SEED),--seed $(SEED))

chaos-small: setup ## The same for 17,000 messages, in seconds (SEED=2 for another course of events)
	@$(PY) -m benchmarks.chaos --small $(if $(SEED),--seed $(SEED))

docs: setup ## Write docs/api.md and docs/event-schema.md anew from the code
	@$(PY) -m infra.docs
	@$(PY) -m infra.event_docs

deploy: package ## Deploy to AWS: make deploy STAGE=dev
	@test -n "$(STAGE)" || (echo "say which: make deploy STAGE=dev" && exit 1)
	@$(PY) -m infra.deploy --stage "$(STAGE)"

requirements: ## Pin requirements anew (needs uv)
	uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements.txt
	uv pip compile -q pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o infra/requirements/dev.txt
	uv pip compile -q layers/people/requirements.in --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o layers/people/requirements.txt
	uv pip compile -q infra/requirements/server.in --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o infra/requirements/server.txt

clean: ## Remove what was built
	rm -rf build .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage
