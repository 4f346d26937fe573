# Shortcuts. None is needed: `pip install -r requirements.txt && python -m engagement build` does the same as `make build`.
PYTHON ?= python3
UV ?= uv
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev build publish scores send-alerts forget review what-if data lint strict test test-duckdb2 duckdb2-leg pins clean

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' Makefile

# $(call venv,FOLDER): a virtual environment, unless there is one
define venv
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
	|| { echo "Python 3.10 or newer is needed. Say where it is: make PYTHON=/path/to/python3 ..." >&2; exit 1; }; \
test -x $(1)/bin/pip || $(PYTHON) -m venv $(1) >/dev/null 2>&1 \
	|| { rm -rf $(1); echo "Python cannot make virtual environments. On Debian: apt-get install python3-venv" >&2; exit 1; }
endef

# $(call install,FOLDER,OPTIONS,FILES): the packages of requirement files. FOLDER keeps copies of the files, so that it
# is done once and again when a file has changed. Byte code is written even where Python is told not to: dbt starts in
# half the time with it.
define install
for file in $(3); do cmp -s $$file $(1)/$$file || changed=1; done; test -z "$$changed" || { set -e; \
echo "Installing packages into $(1) (once)"; \
$(call venv,$(1)); \
for file in $(3); do $(1)/bin/pip install -qq --disable-pip-version-check --require-hashes $(2) -r $$file; done; \
$(1)/bin/python -m compileall -q $(1)/lib || true; \
cp $(3) $(1); }
endef

setup:  ## make .venv with what a build needs
	@$(call install,.venv,,requirements.txt)

setup-dev:  ## make .venv with what a build, the tests and the linters need
	@$(call install,.venv,,requirements-dev.txt)
	@cp requirements.txt .venv

build: setup  ## score the raw data, publish, print the top accounts; RAW_DATA=folder, ENGAGEMENT_DB=file, ARGS="dbt options"
	@.venv/bin/python -m engagement build $(ARGS)

publish: setup  ## publish the marts of the last build, if it was complete and passed every test
	@.venv/bin/python -m engagement publish $(ARGS)

scores: setup  ## print the top accounts of the last build
	@.venv/bin/python -m engagement scores

send-alerts: setup  ## send new alerts to the webhook in ALERT_WEBHOOK_URL, or show them; ARGS="options", see docs/alerts.md
	@.venv/bin/python -m engagement alerts $(ARGS)

# PERSON reaches the script through the environment, so that no shell reads it
forget: setup  ## forget a person everywhere: PERSON=address-or-contact-id, ARGS=--dry-run to look first
	@.venv/bin/python -m engagement forget $(ARGS)

review:  ## compare points and half-lives with what became of the accounts of the last build, and propose others
	@$(call install,.venv,,requirements.txt requirements-review.txt)
	@PYTHONPATH=. .venv/bin/python scripts/review_signals.py $(ARGS)

what-if: setup  ## show what the other scoring models of the seeds would change; MODEL=name for one of them
	@.venv/bin/python -m engagement what-if $(if $(MODEL),--model $(MODEL)) $(ARGS)

.PHONY: benchmark
EVENTS := 10000000
ACCOUNTS := 20000
CONTACTS := 100000
DAYS := 730
SIZES = $(EVENTS)
benchmark: setup  ## measure the project next to plain SQL, write docs/benchmark.md; EVENTS= ACCOUNTS= CONTACTS= DAYS=, or SIZES="1000000 ..."
	@.venv/bin/python -m benchmarks $(SIZES) --accounts $(ACCOUNTS) --contacts $(CONTACTS) --days $(DAYS) $(ARGS)

data: setup  ## write the sample of raw data again
	.venv/bin/python -m sample.generate --out sample/data

lint: setup-dev  ## check the style of SQL and YAML
	DBT_TARGET_PATH=target/lint ENGAGEMENT_DB=build/lint.duckdb .venv/bin/sqlfluff lint --processes 2 models tests $(wildcard analyses)
	.venv/bin/yamllint .

strict: setup-dev  ## check that the parser of dbt 2 takes the project, and that nothing in it is deprecated
	@$(call install,.venv-strict,--no-deps,requirements-strict.txt)
	DO_NOT_TRACK=1 .venv-strict/bin/dbt-core-experimental-parser parse --project-dir . --profiles-dir . \
		--target-path target/strict
	.venv/bin/python scripts/check_deprecations.py

# two processes, each with the tests of a file
PARALLEL := -n 2 --dist loadfile
test: setup-dev lint strict  ## run all checks and tests, on both versions of DuckDB
	.venv/bin/python -m pytest $(PARALLEL) tests
	@$(MAKE) test-duckdb2

test-duckdb2: setup-dev  ## build the sample and run the tests on the newest DuckDB (needs Python 3.11)
	@if .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then $(MAKE) duckdb2-leg; \
	else echo "Skipped: DuckDB 2.0.0 needs Python 3.11 or newer."; fi

duckdb2-leg:
	@$(call install,.venv-duckdb2,--no-deps,requirements-dev.txt requirements-duckdb2.txt)
	RAW_DATA=sample/data ENGAGEMENT_DB=build/duckdb2.duckdb .venv-duckdb2/bin/dbt --warn-error build --target-path target/duckdb2
	HYPOTHESIS_EXAMPLES=5 .venv-duckdb2/bin/python -m pytest $(PARALLEL) $(addprefix tests/python/test_,$(addsuffix .py,golden against_reference history incremental))

PIN := pip compile --universal --generate-hashes --no-emit-index-url --no-header --no-strip-extras --quiet
pins:  ## write requirements*.txt from requirements*.in; needs uv
	$(UV) $(PIN) --python-version 3.10 requirements-dev.in -o requirements-dev.txt
	$(UV) $(PIN) --python-version 3.10 requirements.in -c requirements-dev.txt -o requirements.txt
	$(UV) $(PIN) --python-version 3.10 requirements-review.in -c requirements-dev.txt -o requirements-review.txt
	$(UV) $(PIN) --python-version 3.11 requirements-duckdb2.in -o requirements-duckdb2.txt
	$(UV) $(PIN) --python-version 3.10 --no-deps requirements-strict.in -o requirements-strict.txt

clean:  ## delete target/, logs/ and build/, with the journals (back them up) and what is published; sent alerts stay remembered
	@flock --nonblock build/engagement.duckdb.lock sh -c "rm -rf target logs .pytest_cache .hypothesis; \
		find build -mindepth 1 ! -name .gitignore ! -name 'sent_alerts.sqlite*' -delete" \
	|| { echo "Not everything was deleted. Is a build running?" >&2; exit 1; }
