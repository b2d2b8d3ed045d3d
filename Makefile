# GovTrack 社区治理. `make run` and `make test` need Python 3.11 or newer with venv, make and git, and nothing else.
.DEFAULT_GOAL := help
.PHONY: help run test test-rest coverage test-long mutations check bench screenshots diagrams compose-env compose-test backup restore verify-journal clean-data setup requirements sbom audit
.NOTPARALLEL:

PY := .venv/bin/python
FLOOR := 91
LONG_TESTS := tests/unit/time tests/integration/time tests/integration/reminders/model tests/integration/journeys \
	tests/integration/api/test_schema.py tests/integration/api/test_every_action.py tests/integration/api/test_hostile.py \
	tests/integration/issues/test_edges.py tests/integration/console/test_true_facts.py \
	tests/integration/reminders/test_who_is_there.py tests/integration/reminders/test_delivery_secrets.py \
	tests/security/test_hostile_values.py tests/security/test_hostile_forms.py tests/integration/privacy \
	tests/browser/test_accessibility.py tests/browser/test_console_drafts.py

help:
	@echo "make run            serve web, worker and beat on http://127.0.0.1:8000/ (PORT=8010 make run moves it)"
	@echo "make test           run the quick tests on their own databases: under eight minutes; TESTS=paths runs all of these"
	@echo "make test-rest      run all other tests: what kills processes, loads much, walks over every page and every row"
	@echo "make coverage       which branches and lines of templates the tests reach, those of browsers and processes apart"
	@echo "make test-long      the long walks of time, and the matrices whole: an hour or more"
	@echo "make mutations      whether the tests find each fault of a list: half an hour"
	@echo "make check          formatting, lint, types, floors, migrations, translations, OpenAPI, SBOM"
	@echo "make bench          the benchmark, one JSON object a line"
	@echo "make screenshots    the pictures of the README"
	@echo "make compose-env    write .env for docker-compose (DEMO=1: with the demonstration, on loopback)"
	@echo "make compose-test   docker-compose for real: up, smoke journey, down"
	@echo "make backup         one archive of database, files and configuration, for BACKUP_RECIPIENT (TO=folder)"
	@echo "make restore        FROM=archive IDENTITY=key-file: a back-up into an empty database"
	@echo "make verify-journal check the journal of the running installation"
	@echo "make requirements   compile requirements*.in with hashes (UPGRADE=--upgrade: newer indirect packages)"
	@echo "make sbom           write docs/sbom.cdx.json from the pinned lists"
	@echo "make audit          ask osv.dev (OSV_URL) what is known of the pinned packages; STRICT=1: findings fail"
	@echo "make clean-data     throw the embedded data away"

run:
	@scripts/setup run
	@exec $(PY) manage.py serve

setup:
	@scripts/setup test

test:
	@scripts/setup test
	@exec $(PY) scripts/test.py $(or $(TESTS),--part quick)

test-rest:
	@scripts/setup test
	@exec $(PY) scripts/test.py --part rest

# All but browsers. Programs that run as processes of their own (serve, workers) are not measured, and what waits for
# seconds is left out: measuring slows it. A subset of the tests: FLOOR=0 TESTS=…
coverage:
	@scripts/setup test
	@SKIP_BROWSER=1 exec $(PY) scripts/test.py --cov --cov-report=term-missing:skip-covered --cov-fail-under=$(FLOOR) \
		-m "not serial" $(TESTS)

test-long:
	@scripts/setup test
	@LONG=1 exec $(PY) scripts/test.py $(or $(TESTS),$(LONG_TESTS))

mutations:
	@scripts/setup test
	@exec $(PY) -m tests.mutations.run $(ONLY)

check:
	@scripts/setup test
	@exec $(PY) scripts/check.py

bench:
	@scripts/setup test
	@exec $(PY) bench/run.py $(BENCH)

screenshots:
	@scripts/setup test
	@exec $(PY) scripts/screenshots.py

compose-env:
	@exec scripts/python scripts/compose_env.py

compose-test:
	@exec scripts/python scripts/compose_test.py

backup:
	@scripts/setup run
	@exec $(PY) manage.py backup $(TO)

restore:
	@[ -n "$(FROM)" ] || { echo "FROM=… names the archive: make restore FROM=backups/govtrack-….tar.age IDENTITY=key.txt" >&2; exit 2; }
	@scripts/setup run
	@exec $(PY) manage.py restore "$(FROM)" $(if $(IDENTITY),--identity "$(IDENTITY)")

verify-journal:
	@scripts/setup run
	@exec $(PY) manage.py verify_journal

requirements:
	@scripts/setup test
	@for set in requirements requirements-local requirements-test requirements-dev; do \
		.venv/bin/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes $(UPGRADE) \
			--custom-compile-command "make requirements" --output-file $$set.txt $$set.in || exit 1; \
	done

sbom:
	@exec scripts/python scripts/sbom.py

audit:
	@exec scripts/python scripts/audit.py

clean-data:
	@if [ -x $(PY) ]; then exec $(PY) scripts/clean_data.py; else rm -rf .local; fi
