# make demo and make test do all their own set-up, in .venv; make verify runs the long checks.
.DEFAULT_GOAL := help
.PHONY: help demo test coverage verify verify-r bench docs dist bundle lint clean setup

VENV   := .venv
BIN    := $(VENV)/bin
# The stamp's name is a hash of everything that set-up depends on, so a second run sets up nothing.
INPUTS := pyproject.toml constraints.txt setup.py $(wildcard src/oncohort/*/*.c)
HASH   := $(shell cat $(INPUTS) | cksum | tr ' ' '-')
STAMP  := $(VENV)/.set-up-$(HASH)
DEV    := $(VENV)/.set-up-dev-$(HASH)

help:
	@echo "make demo      set up, write the built-in study to oncohort-demo/ and run it"
	@echo "make test      set up and run the whole test suite"
	@echo "make coverage  the same, and which lines no test reaches"
	@echo "make verify    long checks: large corpora, fuzzing, live R where installed"
	@echo "make docs      the documentation as a site, in site/"
	@echo "make dist      wheel and source archive, in dist/"
	@echo "make bundle    a folder that runs without Python, and packed, in dist/"
	@echo "make bench     benchmarks beside the peers (report, not tests)"

$(STAMP):
	@sh scripts/bootstrap.sh $(VENV)
	@touch $@

$(DEV): $(STAMP)
	@sh scripts/bootstrap.sh $(VENV) dev
	@touch $@

setup: $(DEV)

demo: $(STAMP)
	@$(BIN)/oncohort demo oncohort-demo

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(DEV) lint
	$(BIN)/python -m pytest -n 2 --dist loadfile
	@if [ -n "$(CI)" ]; then \
	  ONCOHORT_KERNEL=numpy $(BIN)/python -m pytest -n 2 --dist loadfile tests/stats; fi

# Tracing costs nearly half of the tests' time again: it is asked for, not part of every run.
coverage: $(DEV)
	$(BIN)/python -m pytest -n 2 --dist loadfile --cov --cov-report=term:skip-covered

verify: $(DEV) verify-r
	$(BIN)/python -m pytest -m verify -n 2 --dist loadfile

verify-r: $(DEV)
	$(BIN)/python tests/stats/r/verify.py

bench: $(DEV)
	$(BIN)/python benchmarks/run.py

docs: $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[docs]"
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet
	@echo "site/index.html"

dist bundle: $(STAMP)
	@$(BIN)/python packaging/build.py $@

clean:
	rm -rf $(VENV) build dist site oncohort-demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
