# `make` lists the commands. PYTHON=python3.12 takes another Python, T=tests/... one test file.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

T ?=
N ?= 1000000
export PATH := $(CURDIR)/.venv/bin:$(PATH)

# Compiled modules are kept, whatever the shell says: without them every process that is
# started compiles a thousand modules first, which takes as long as the rest of its start.
unexport PYTHONDONTWRITEBYTECODE

# npm, uv and Chromium keep their caches there, so it has to be a folder they may write to.
ifneq ($(shell test -w "$${HOME:-/nonexistent}" && echo yes),yes)
export HOME := $(CURDIR)/var/home
endif

# A stamp carries the hash of what it was made from: nothing is done twice, nothing is missed.
stamps := .venv/stamps/$(shell cat requirements/*.txt | sha256sum | cut -c1-16)
modules := node_modules/.stamp-$(shell cat package-lock.json | sha256sum | cut -c1-16)
front := static/vendor/.stamp-$(shell find static/* package-lock.json -path static/vendor -prune \
	-o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16)

.PHONY: help install demo test coverage lint format bench screenshots shell assets lock clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

install: $(stamps)/install $(front) ## Build .venv and the front-end files

demo: $(stamps)/demo $(front) ## Start Muster with demo data; Ctrl-C stops it
	@exec .venv/bin/python -m demo

suite := .venv/bin/python -m pytest -n auto --maxprocesses 8 --dist worksteal
on_postgresql := .venv/bin/python -m tests.postgresql $(suite) -m data

ifneq ($(T),)
test: $(stamps)/all $(front) ## Run all checks and tests; T=tests/x/test_y.py: one file, fast
	@.venv/bin/python -m pytest $(T)
else
test: lint $(front)
	@requirements/debian.sh
	@$(suite)
	@echo "The tests that use the database, on PostgreSQL:"
	@$(on_postgresql)
endif

coverage: $(stamps)/all $(front) ## Say which lines no test runs; takes twice as long as the tests
	@requirements/debian.sh
	@$(suite) --cov --cov-report=
	@$(on_postgresql) --cov --cov-append --cov-report=term:skip-covered

lint: $(stamps)/all ## Check style, templates, types, and who imports whom
	@.venv/bin/ruff check --quiet
	@.venv/bin/ruff format --quiet --check || { echo "Not formatted: make format" >&2; exit 1; }
	@find templates -name \*.html -print0 | xargs -0r .venv/bin/djade --check --target-version 5.2
	@.venv/bin/mypy --no-error-summary .
	@said=$$(.venv/bin/lint-imports --no-logo 2>&1) || { echo "$$said" >&2; exit 1; }

format: $(stamps)/all ## Put code and templates into their form
	@.venv/bin/ruff check --quiet --fix
	@.venv/bin/ruff format --quiet
	@find templates -name \*.html -print0 | xargs -0r .venv/bin/djade --target-version 5.2

bench: $(stamps)/all $(front) ## Measure at N customers (1000000): one line of JSON a figure
	@.venv/bin/python -m benchmarks N=$(N)

screenshots: $(stamps)/all ## Take the README's pictures of a running make demo
	@.venv/bin/python -m docs.screenshots

shell: $(stamps)/install ## Open a Python shell with Muster in it
	@exec .venv/bin/python manage.py shell

assets: $(modules) ## Build the front-end files again at every change
	@exec .venv/bin/node static/build.mjs --watch

lock: $(stamps)/all ## Resolve the dependencies anew and write the lock files
	@requirements/lock.sh

clean: ## Take away what make built; var/ with its data stays
	@rm -rf .venv node_modules static/vendor .*_cache .coverage* test-results

$(stamps)/%:
	@requirements/install.sh $* $(stamps)

$(modules): | $(stamps)/install
	@echo "Building the front-end files"
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error > /dev/null
	@rm -f node_modules/.stamp-* && touch $@

$(front): $(modules)
	@rm -rf static/vendor
	@node static/build.mjs
	@touch $@
