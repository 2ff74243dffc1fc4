# `make` alone lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
STUDY := data/ninh-thuan/study.toml

.DEFAULT_GOAL := help
.PHONY: help map test lint lint-js check format data bench bench-map bench-plan fuzz screenshots clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/' | expand -t 18

map: $(INSTALLED) ## draw the page of the Ninh Thuận study
	$(BIN)/geo map $(STUDY) -o maps/ninh-thuan.html
	@echo "Open by double click: $(CURDIR)/maps/ninh-thuan.html"

test: $(INSTALLED)-dev ## run the tests
	$(BIN)/python -m pytest -n auto --dist worksteal

lint: $(INSTALLED)-dev ## format, lint and types
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

lint-js: ## lint the page's JavaScript, where Node is there
	@if command -v npx >/dev/null; then \
	  npx --yes -p eslint@10.15.0 -p @eslint/js@10.0.1 -p globals@17.14.0 \
	    eslint --config .ci/eslint.config.mjs --max-warnings 0 geo/draw/page; \
	else \
	  echo "skipped: the page's JavaScript is linted where Node is installed"; \
	fi

check: lint test ## all that must hold before a commit

format: $(INSTALLED)-dev ## put the code into its shape
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

data: $(INSTALLED) ## make the layers of the Ninh Thuận study anew
	$(BIN)/python data/ninh-thuan/make_layers.py

bench: $(INSTALLED)-bench ## measure every job beside its peers, on a quiet machine
	$(BIN)/python -m benchmarks

bench-map: $(INSTALLED)-dev ## measure the page beside plain Folium
	$(BIN)/python -m benchmarks.map

bench-plan: $(INSTALLED)-bench ## measure plans beside a peer: ORLIB=FOLDER for the OR-Library, SIZES=all for the largest
	$(BIN)/python -m benchmarks.plan $(if $(ORLIB),--or-library $(ORLIB)) $(if $(filter all,$(SIZES)),--all)

fuzz: $(INSTALLED)-fuzz ## try to break the readers, for FUZZ_SECONDS (120)
	$(BIN)/python -m tests.fuzz $(or $(FUZZ_SECONDS),120)

screenshots: $(INSTALLED)-dev ## take pictures of the page: desk, phone, paper
	$(BIN)/python -m benchmarks.screenshots

clean: ## remove the environment and the pages
	rm -rf $(VENV) maps/*.html

$(INSTALLED): pyproject.toml constraints.txt
	$(call install,.)
	@touch $@

$(INSTALLED)-dev: pyproject.toml constraints.txt
	$(call install,.[dev])
	@touch $@ $(INSTALLED)

$(INSTALLED)-bench: pyproject.toml constraints.txt
	$(call install,.[bench])
	@touch $@ $(INSTALLED)

$(INSTALLED)-fuzz: pyproject.toml constraints.txt
	$(call install,.[fuzz])
	@touch $@ $(INSTALLED)

# uv where it is on the PATH, else venv and pip.
define install
	@if command -v uv >/dev/null; then \
	  { test -d $(VENV) || uv venv -q --python $(PYTHON) $(VENV); } && \
	  uv pip install -q -p $(VENV) -c constraints.txt -e '$(1)'; \
	else \
	  { test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) || \
	    { echo "Python's venv is missing. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }; } && \
	  $(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '$(1)'; \
	fi
endef
