# `make up` starts everything, `make test` tests everything; both build what is missing first.
.DEFAULT_GOAL := help
SHELL := bash
UV_VERSION := 0.13.9
TORCH := torch==2.13.0
UV := $(shell command -v uv || echo .uv/bin/uv)
LOCK := $(UV) pip compile --quiet --universal --no-annotate --no-emit-index-url --generate-hashes --no-header
NEVER = $(shell sed -n "s/^\([a-z0-9-]*\) *; sys_platform == 'never'.*/--no-emit-package \1/p" $(1))

.PHONY: help up build test lint format lock pictures clean

help:
	@echo "make up        build what is missing and start everything (Ctrl-C stops it)"
	@echo "make test      linters and all tests"
	@echo "make build     build environments, encoder, index and Rasa model"
	@echo "make pictures  take the pictures of the docs from the running product"
	@echo "make lock      renew the lock files"
	@echo "make clean     remove everything that was built"

up: .venv/.server
	@exec .venv/bin/offramp up

build: .venv/.server
	@.venv/bin/offramp build

test: lint build
	.venv/bin/pytest

lint: .venv/.dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

format: .venv/.dev
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

pictures: .venv/.dev build
	.venv/bin/python docs/pictures.py

.uv/bin/uv:
	@echo "Fetching uv"
	@python3 -m venv .uv && .uv/bin/pip install --quiet uv==$(UV_VERSION)

# Torch comes apart and without dependencies, so that no CUDA package can follow it.
.venv/.server: requirements/server.lock pyproject.toml | $(filter .uv/%,$(UV))
	@echo "Building the server environment (.venv)"
	@$(UV) venv --quiet --allow-existing --python 3.11 .venv 2>/dev/null || $(UV) venv --quiet --allow-existing --python '>=3.11' .venv \
	  || { echo "Python 3.11 or newer is needed: install it, or let uv download it."; exit 1; }
	@$(UV) pip install --quiet --python .venv/bin/python --no-deps --requirement requirements/server.lock
	@if [ -n "$$PIP_FIND_LINKS" ]; then \
	  $(UV) pip install --quiet --python .venv/bin/python --no-deps --find-links "$$PIP_FIND_LINKS" $(TORCH); \
	else \
	  $(UV) pip install --quiet --python .venv/bin/python --no-deps --torch-backend=cpu $(TORCH); \
	fi
	@$(UV) pip install --quiet --python .venv/bin/python --no-deps --editable .
	@touch $@

.venv/.dev: requirements/dev.lock .venv/.server | $(filter .uv/%,$(UV))
	@$(UV) pip install --quiet --python .venv/bin/python --no-deps --requirement requirements/dev.lock
	@touch $@

lock: | $(filter .uv/%,$(UV))
	$(LOCK) pyproject.toml requirements/torch.in --extra server --python-version 3.11 --output-file requirements/server.lock \
	  --overrides requirements/server-overrides.txt $(call NEVER,requirements/server-overrides.txt)
	$(LOCK) pyproject.toml requirements/torch.in --extra server --extra dev --python-version 3.11 --output-file requirements/dev.lock \
	  --constraints requirements/server.lock --overrides requirements/server-overrides.txt $(call NEVER,requirements/server-overrides.txt)
	$(LOCK) pyproject.toml --extra bot --python-version 3.10 --output-file requirements/bot.lock \
	  --overrides requirements/bot-overrides.txt $(call NEVER,requirements/bot-overrides.txt)
	$(LOCK) pyproject.toml --extra bot-tf --python-version 3.10 --output-file requirements/bot-tf.lock \
	  --overrides requirements/bot-tf-overrides.txt

clean:
	rm -rf .venv .venv-bot .venv-bot-tf .uv .offramp .rasa models
