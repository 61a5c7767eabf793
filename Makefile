# make demo   the whole story on the embedded AWS
# make test   everything that CI checks

PYTHON := $(shell for name in python3.11 python3.12 python3.13 python3; do \
	if $$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then \
	echo $$name; break; fi; done)
BIN := .venv/bin

.PHONY: demo test check grants fidelity reconcile-corpus estate accounts killed torture fan-out page nights messages pictures docs constraints wheel sbom lambda-zip clean

demo: .venv/installed
	$(BIN)/auditor demo

test: check .venv/browser .venv/shells
	$(BIN)/python -m pytest --cov --cov-report=term
	$(BIN)/python -m tests.grants

check: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# What `auditor iam-policy` grants, held against what the program called when the tests ran last.
grants: .venv/installed
	$(BIN)/python -m tests.grants

# How many differences are found, and how many that are none, over the corpus of docs/fidelity.md.
fidelity: .venv/installed
	$(BIN)/python -m bench.fidelity

# Every writable field changed on the embedded AWS, planned, applied, audited and taken back; see docs/reconcile.md.
reconcile-corpus: .venv/installed
	$(BIN)/python -m bench.reconcile

# Four regions of 200 resources each, alike; then with forty differences.
estate: .venv/installed
	$(BIN)/python -m bench.estate

# Six accounts of an organization in four regions, in one audit; see docs/accounts.md.
accounts: .venv/installed
	$(BIN)/python -m bench.accounts

# Runs that are killed before and after each of their calls, and taken up again; and answers that are lost.
killed: .venv/installed
	$(BIN)/python -m bench.killed
	$(BIN)/python -m bench.killed_shipping

# Whatever can go wrong, done to the program: the last line counts cases and violations; see docs/guarantees.md.
torture: .venv/installed
	$(BIN)/python -m bench.torture --write docs/guarantees.md

# An artifact of 500 MB uploaded to four regions of different speed, each alone and all at once.
fan-out: .venv/installed
	$(BIN)/python -m bench.fanout

# The report's page of 10, 1,000 and 10,000 findings: its size, and how fast it opens and filters in Chromium.
page: .venv/browser
	$(BIN)/python -m bench.page

# Eight nights of the demo's shop with somebody at work between them; then the report's pictures of the last.
nights: .venv/installed
	$(BIN)/python -m bench.nights .venv/nights

# Three nights in which drift appears, persists and is fixed, and what somebody is told of each.
messages: .venv/installed
	$(BIN)/python -m bench.messages

pictures: nights .venv/browser
	$(BIN)/python -m bench.pictures .venv/nights

# What is compared, in docs/resource-types.md and the README, from auditor/resources/.
docs: .venv/installed
	$(BIN)/python -c 'from pathlib import Path; from auditor.commands.docs import write_docs; write_docs(Path())'

.venv/installed: constraints.txt setup.cfg pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed, and none was found."; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

# Chromium and axe-core, for the tests of the report's page.
.venv/browser: tests/browser/install tests/browser/package-lock.json .venv/installed
	tests/browser/install
	touch $@

.venv/shells: tests/shells-install .venv/installed
	tests/shells-install
	touch $@

# Today's newest versions of everything, pinned and hashed; constraints-run.txt has of them what the program itself
# needs, for the container and for Lambda. Needs uv.
constraints:
	uv pip compile setup.cfg constraints.in --universal --python-version 3.11 --generate-hashes --upgrade \
	  --extra sandbox --extra scale --extra dev --no-emit-index-url --no-emit-find-links --no-annotate --no-strip-extras --quiet \
	  --custom-compile-command "make constraints" --output-file constraints.txt
	uv pip compile setup.cfg --constraints constraints.txt --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-annotate --no-strip-extras --quiet \
	  --custom-compile-command "make constraints" --output-file constraints-run.txt

# The nightly audit's code for AWS Lambda: see docs/nightly.md. ARCHITECTURE=x86_64 for the other processor.
ARCHITECTURE := arm64
lambda-zip: .venv/installed
	$(BIN)/python -m bench.lambda_zip --architecture $(ARCHITECTURE) dist/auditor-lambda.zip

wheel: .venv/installed sbom
	$(BIN)/python -m build --wheel --no-isolation

# What the program is made of when it runs, with versions and hashes, as CycloneDX has it: dist/auditor.cdx.json.
sbom: .venv/sbom
	mkdir -p dist
	.venv/sbom/bin/cyclonedx-py requirements constraints-run.txt --output-reproducible -o dist/auditor.cdx.json

.venv/sbom: constraints-sbom.txt .venv/installed
	$(BIN)/python -m venv $@
	$@/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r constraints-sbom.txt
	touch $@

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage*
