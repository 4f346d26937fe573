# Shortcuts. None is needed: `pip install -r requirements/build.txt && python -m engagement build` does the same as `make build`.
PYTHON ?= python3
RUN := .venv/bin/python -m
.DEFAULT_GOAL := help
COMMANDS := check seeds build publish scores account what-if dashboard export alerts forget lists clean
.PHONY: help $(COMMANDS) sync review pictures data benchmark lint test test-duckdb2 test-postgres test-spark pins
EVENTS := 10000000
# vars of dbt, such as VARS='{vendors: [salesforce], crm: salesforce}'
VARS_OPTION = $(if $(VARS),--vars "$$VARS")
# TARGET=postgres: the command works for this target of profiles.yml; docs/engines.md
ifneq ($(TARGET),)
export DBT_TARGET := $(TARGET)
endif
TARGET_NEEDS = $(addprefix .venv/,$(filter postgres spark,$(TARGET)))

help:  ## list the commands
	@echo 'make <command> TARGET=postgres  run it for another target of profiles.yml'
	@awk -F '## ' '/^[a-z0-9-]+:.*## / {split($$1, name, ":"); printf "make %-13s %s\n", name[1], $$2} /^## / {print "make " $$2}' Makefile

## check         see what is understood of the files in RAW_DATA, without building; ARGS="folder --write" writes a landing.yml
## seeds         check the rules in seeds/ in a second, without building
## build         score the files in RAW_DATA, publish, show the top accounts; VARS='{vendors: [...]}', ARGS="options of this command or of dbt build"
## publish       publish the last build, if it is complete and passed every test; ARGS=--yes confirms changed rules
## scores        show the top accounts; ARGS="--owner rep@example.com --limit 20"
## account       show why an account has its score and why it changed: NAME=name-id-or-domain
## what-if       show what edited rules would change, and publish nothing; ARGS="--model name" for another scoring model
## dashboard     write the dashboard of what is published into build/dashboard; ARGS="--owner address" for one owner's accounts
## export        write the published marts as files; ARGS="--format csv --mart account_scores --out folder"
## alerts        send new alerts to the webhook in ALERT_WEBHOOK_URL, or show them; ARGS="options"
## forget        forget a person everywhere: PERSON=address-or-contact-id, ARGS=--dry-run to look first
## lists         rebuild the lists in seeds/lists from their packages; needs npm
## clean         delete target/, logs/ and build/, with the journals (back them up) and everything published
$(COMMANDS): .venv/build $(TARGET_NEEDS)
	@ACCOUNT="$$NAME" $(RUN) engagement $@ $(VARS_OPTION) $(ARGS)
sync: .venv/sync $(TARGET_NEEDS)  ## show the updates for the CRM, or send them: ARGS="--to hubspot --send"
	@$(RUN) engagement sync $(ARGS)
review: .venv/review $(TARGET_NEEDS)  ## compare points and half-lives with the outcomes of the last build, and propose others
	@$(RUN) engagement review $(ARGS)
pictures: .venv/dev  ## take the pictures in docs/pictures from the published dashboard; needs Chromium
	@$(RUN) sample.pictures
data: .venv/build  ## regenerate the sample of raw data
	@$(RUN) sample.generate --out sample/data --truth sample/truth
benchmark: .venv/build $(TARGET_NEEDS)  ## measure the project against plain SQL and write docs/benchmark.md; EVENTS=1000000, ARGS="--accounts 2000"
	@$(RUN) benchmarks $(EVENTS) $(ARGS)

lint: .venv/dev  ## check SQL and YAML: style, deprecated spellings, and the stricter parser of dbt 2
	DBT_TARGET_PATH=target/lint ENGAGEMENT_DB=build/lint.duckdb .venv/bin/python tests/lint.py lint --processes 2 models tests $(wildcard analyses)
	.venv/bin/yamllint .
	DO_NOT_TRACK=1 .venv/bin/dbt-core-experimental-parser parse --project-dir . --profiles-dir . --target-path target/strict
test: lint $(if $(ENGAGEMENT_TEST_SPARK),.venv/cluster)  ## run all checks and tests, on both versions of DuckDB
	$(RUN) pytest -n 3 --dist loadfile --no-loadscope-reorder
	@$(MAKE) test-duckdb2
test-postgres: .venv/dev  ## build three days and run the commands on a PostgreSQL server of its own, and compare with DuckDB; needs PostgreSQL
	ENGAGEMENT_TEST_POSTGRES=required $(RUN) pytest tests/engines -k "not spark"
test-spark: .venv/dev .venv/cluster  ## build three days and run the commands on a Spark cluster of its own, and compare with DuckDB; needs Java 17 or newer
	ENGAGEMENT_TEST_SPARK=required $(RUN) pytest tests/engines -k spark
test-duckdb2: .venv/dev .venv/duckdb2  ## build the sample with unit tests, and test the rules, on the newest DuckDB
	PYTHONPATH=.venv/duckdb2 ENGAGEMENT_DB=build/duckdb2.duckdb .venv/bin/dbt --warn-error build --target-path target/duckdb2
	PYTHONPATH=.venv/duckdb2 HYPOTHESIS_EXAMPLES=5 $(RUN) pytest -n 2 --dist loadfile tests/rules/test_golden.py tests/rules/test_against_reference.py tests/time -k "golden or reference or history"

# .venv/build, .venv/review, .venv/sync, .venv/postgres, .venv/spark, .venv/cluster and .venv/dev are stamps: one virtual environment holds everything needed so far.
# Byte code is written even if Python is set not to, because dbt starts in half the time with it.
.venv/build .venv/review .venv/sync .venv/postgres .venv/spark .venv/cluster .venv/dev: .venv/%: requirements/%.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=/path/to/python3 ...")'
	@echo "Installing packages into .venv (once)"
	@test -x .venv/bin/pip || $(PYTHON) -m venv .venv
	@.venv/bin/pip uninstall --quiet --quiet --yes --disable-pip-version-check setuptools  # venv brings an old one, and nothing uses it
	@.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@.venv/bin/python -m compileall -q .venv/lib || true
	@touch $@
.venv/duckdb2: requirements/duckdb2.txt
	@.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps --upgrade --target $@ -r $<
	@touch $@

PIN := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-strip-extras --quiet
pins:  ## rebuild the locks in requirements/ from pyproject.toml; needs uv
	$(PIN) pyproject.toml --extra dev -o requirements/dev.txt
	$(PIN) pyproject.toml -c requirements/dev.txt -o requirements/build.txt
	$(PIN) pyproject.toml -c requirements/dev.txt --extra review -o requirements/review.txt
	$(PIN) pyproject.toml -c requirements/dev.txt --extra sync -o requirements/sync.txt
	$(PIN) pyproject.toml -c requirements/dev.txt --extra postgres -o requirements/postgres.txt
	$(PIN) pyproject.toml -c requirements/dev.txt --extra spark -o requirements/spark.txt
	$(PIN) pyproject.toml -c requirements/dev.txt --extra cluster -o requirements/cluster.txt
	echo duckdb==2.0.0 | $(PIN) --no-deps - -o requirements/duckdb2.txt
