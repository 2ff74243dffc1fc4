# `make` alone lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
STUDY := data/ninh-thuan/study.toml

.DEFAULT_GOAL := help
.PHONY: help map test lint check format data clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/' | expand -t 18

map: $(INSTALLED) ## draw the page of the Ninh Thuận study
	$(BIN)/geo map $(STUDY) -o maps/ninh-thuan.html
	@echo "Open by double click: $(CURDIR)/maps/ninh-thuan.html"

test: $(INSTALLED)-dev ## run the tests
	$(BIN)/python -m pytest -n auto

lint: $(INSTALLED)-dev ## format, lint and types
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

check: lint test ## all that must hold before a commit

format: $(INSTALLED)-dev ## put the code into its shape
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

data: $(INSTALLED) ## make the layers of the Ninh Thuận study anew
	$(BIN)/python data/ninh-thuan/make_layers.py

clean: ## remove the environment and the pages
	rm -rf $(VENV) maps/*.html

$(INSTALLED): pyproject.toml constraints.txt
	$(call install,.)
	@touch $@

$(INSTALLED)-dev: pyproject.toml constraints.txt
	$(call install,.[dev])
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
