# Everything installs into .venv, and only once. Needs Python 3.11+, pip and make.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
# Two processes, and the tests of a file in one of them: they share what is slow to open.
TESTS := $(BIN)/python -m pytest -n 2 --dist loadfile
DEFAULT := not slow and not bench

.PHONY: help setup demo test test-postgres test-slow bench check gate eval format docs constraints notices sbom dist site ablation speed growth load reader fit copies peers clean

help:  ## list the commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14
	@echo; echo 'Research:'
	@grep -E '^[a-z-]+:.*##R ' $(MAKEFILE_LIST) | sed -E 's/:.*##R /\t/' | expand -t 14

setup: $(INSTALLED)  ## install into .venv

$(INSTALLED): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $(INSTALLED)

demo: $(INSTALLED)  ## ingest the sample corpus and answer eight questions from it
	@$(BIN)/dateline demo

test: $(INSTALLED)  ## run the tests (a few minutes on two cores)
	$(TESTS) -m '$(DEFAULT) and not postgres'

test-postgres: $(INSTALLED)  ## run the archive's tests on PostgreSQL; see tests/support/install_postgres.sh
	$(TESTS) -m '$(DEFAULT) and postgres'

test-slow: $(INSTALLED)  ## run the tests that take longer: kill -9 during ingest, 500 questions, cold start
	$(BIN)/python -m pytest -m slow --timeout=1800

bench: $(INSTALLED)  ## run the tests that need the third-party benchmarks beside the checkout
	$(BIN)/python -m pytest -m bench --timeout=3600

check: $(INSTALLED)  ## run what CI runs: format, lint, types, tests on both stores
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(TESTS)

gate: $(INSTALLED)  ## check that retrieval and answers are not worse (five minutes); part of CI
	$(BIN)/dateline eval run --cases eval/data/archive/cases.jsonl --articles eval/data/archive/articles.jsonl \
	  --retrieval-only --gate eval/baselines/retrieval-gates.toml --baseline eval/baselines/archive-retrieval.json
	$(BIN)/dateline eval run --gate eval/baselines/gates.toml --baseline eval/baselines/sample.json

eval: $(INSTALLED)  ## rewrite eval/baselines; with BENCH=folder, of its sets too (an hour or more)
	mkdir -p build/runs && rm -f build/runs/*.json  # finished runs; a stopped one continues
	$(BIN)/dateline eval run --cases eval/data/archive/cases.jsonl --articles eval/data/archive/articles.jsonl \
	  --retrieval-only --out build/runs/archive-retrieval.json
	$(BIN)/dateline eval report build/runs/archive-retrieval.json --summary eval/baselines/archive-retrieval.json
	$(BIN)/dateline eval run --out build/runs/sample.json
	$(BIN)/dateline eval report build/runs/sample.json --summary eval/baselines/sample.json
	for set in $(wildcard $(addsuffix /*/articles.jsonl.gz,$(BENCH))); do \
	  folder=$$(dirname $$set); name=$$(basename $$folder); \
	  $(BIN)/dateline eval run --cases $$folder/cases.jsonl --articles $$set --out build/runs/$$name.json \
	  && $(BIN)/dateline eval report build/runs/$$name.json --summary eval/baselines/$$name.json || exit 1; \
	done

format: $(INSTALLED)  ## format, and fix what lint can fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(INSTALLED)  ## write the generated references in docs/reference
	$(BIN)/python docs/generate.py

constraints: $(INSTALLED)  ## write the installed versions to constraints.txt
	(echo '# The exact versions that the tests ran with. Regenerate: make constraints'; \
	 $(BIN)/python -m pip freeze --exclude-editable --exclude dateline | sed 's/+cpu$$//') > constraints.txt

notices: $(INSTALLED)  ## write the licences of installed packages to THIRD_PARTY.md
	$(BIN)/python deploy/release/notices.py

# The time of the last commit goes into the archives: who builds it again gets the same bytes.
dist: $(INSTALLED)  ## build the wheel and the sdist into dist/
	SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct)} $(BIN)/python -m hatchling build

sbom: dist  ## write the bill of materials (CycloneDX) of a clean install with all extras to dist/
	PYTHON=$(PYTHON) BIN=$(BIN) deploy/release/sbom.sh

site: $(INSTALLED)  ## build docs/ as a site into build/site, and check its links
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	$(BIN)/python -m pytest -m slow tests/test_site.py

clean:  ## remove what was installed and cached here
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

# ---- Research: what trains, fits and measures. Minutes to hours; no part of the installed package.

ablation: $(INSTALLED)  ##R compare ways of searching: make ablation BENCH=folder ARCHIVES=folder [MEASURE=1: held-out cases]
	$(BIN)/python -m eval.research.ablation $(BENCH) $(ARCHIVES) $(if $(MEASURE),--only-measure)

speed: $(INSTALLED)  ##R measure speed and memory: make speed ARCHIVE=folder ARTICLES=file
	$(BIN)/python -m eval.research.speed $(ARCHIVE) $(ARTICLES) --index

growth: $(INSTALLED)  ##R measure one machine up to a million passages (half an hour, 10 GB)
	$(BIN)/python -m eval.research.growth --plot docs/measurements/growth.svg

load: $(INSTALLED)  ##R load test of a served archive: make load ARCHIVE=folder CASES=file
	$(BIN)/python -m eval.research.load $(ARCHIVE) $(CASES)

reader: $(INSTALLED)  ##R train the reader (two hours on two cores); then set its digest in qa/answering/reader.py
	$(BIN)/python -m eval.research.train_reader $(if $(PUBLIC),--public $(PUBLIC))

fit: $(INSTALLED)  ##R fit how an answer is chosen, and its confidence, on held-out questions
	$(BIN)/python -m eval.research.fit_scorer $(if $(PUBLIC),--public $(PUBLIC))

copies: $(INSTALLED)  ##R compare ways of finding copies of a report, on labelled pairs
	$(BIN)/python -m eval.research.copies

# The peers go into environments of their own in build/peers, never into .venv.
peers: $(INSTALLED)  ##R compare with txtai, haiku.rag and Haystack: make peers [BENCH=folder] [PEERS='--articles 300']
	$(BIN)/python -m eval.research.peers $(if $(BENCH),--bench $(BENCH)) $(PEERS)
