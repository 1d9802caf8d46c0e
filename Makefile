# The two commands of the README are `make demo` and `make test`.

# CDKTF's and Terraform's telemetry and version checks stay off.
export CHECKPOINT_DISABLE := 1
export DISABLE_VERSION_CHECK := 1

# A Terraform configuration file that does not exist makes each command print a warning.
ifneq ($(TF_CLI_CONFIG_FILE),)
ifeq ($(wildcard $(TF_CLI_CONFIG_FILE)),)
unexport TF_CLI_CONFIG_FILE
endif
endif

# Thousands of commands would each compile our modules anew.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
VENV := .venv
export PATH := $(CURDIR)/$(VENV)/bin:$(CURDIR)/node_modules/.bin:$(PATH)

.PHONY: demo demo-down test test-fast test-long bench bench-quick lint format lock install programs clean

# Whether Terraform can get its provider is asked first, before anything is installed or built.
demo: NEEDS := demo
demo: programs  ## a local cluster, users/ deployed to it, and what each user can do
	@status=0; PYTHONPATH=constructs "$(PYTHON)" -m demo check || status=$$?; \
	case $$status in 0) without= ;; 3) without=--without-terraform ;; *) exit $$status ;; esac; \
	$(MAKE) --no-print-directory install && python -m demo up $$without

demo-down: install  ## stop the demo's cluster and delete all that the demo made
	@python -m demo down

# So many tests at a time, each worker with a control plane of its own; most of them wait.
WORKERS ?= 4
PYTEST := python -m pytest -n $(WORKERS)
test: NEEDS := test
test: programs lint  ## everything
	@$(PYTEST)

test-fast: lint  ## before a commit: what needs no cluster, no Terraform and no browser
	@python -m pytest -n auto -m "not (acceptance or cluster or browser or slow)"

test-long: NEEDS := test
test-long: programs lint  ## each night: everything in its largest form, which takes hours
	@KUBEROSTER_LONG=1 KUBEROSTER_ALL_FAULTS=1 $(PYTEST)

SIZES ?= 10 100 1000
ROUNDS ?= 3
bench: install  ## kuberoster, kubectl and plain Terraform side by side, into docs/bench/
	@PYTHONPATH=constructs python -m bench run --sizes $(SIZES) --rounds $(ROUNDS)

bench-quick: install  ## ratios for 10 users, in less than a minute
	@PYTHONPATH=constructs python -m bench quick

lint: install  ## style, types and layers
	@ruff check --quiet
	@ruff format --check --quiet
	@mypy --no-error-summary
	@lint-imports --no-logo

format: install
	@ruff check --quiet --fix
	@ruff format --quiet

install: programs $(VENV)/installed node_modules/installed

# What is needed of the programs below is asked before minutes of installing.
NEEDS ?= install
programs:
	@PYTHONPATH=constructs "$(PYTHON)" -m kuberoster.programs $(NEEDS)

$(VENV)/installed: requirements.txt requirements-dev.txt pyproject.toml
	@echo 'installing Python packages into $(VENV)'
	@test -x $(VENV)/bin/python || "$(PYTHON)" -m venv $(VENV)
	@python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements.txt -r requirements-dev.txt
	@python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

node_modules/installed: package-lock.json
	@echo 'installing Node packages into node_modules'
	@npm ci --silent --no-audit --no-fund
	@touch $@

lock: install  ## pin all packages anew, after a change of pyproject.toml or requirements-dev.in
	@python -m pip install --quiet pip-tools
	@for made in "requirements.txt pyproject.toml" "requirements-dev.txt requirements-dev.in"; do \
		set -- $$made; \
		pip-compile --quiet --upgrade --generate-hashes --strip-extras --allow-unsafe --no-header \
			--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
			-o $$1 $$2 && \
		sed -i '1i # The whole closure, pinned by version and hash; made by `make lock`.' $$1; \
	done

clean:  ## remove what was installed and made here, the demo first
	@test ! -d .demo || python -m demo down
	@rm -rf $(VENV) node_modules cdktf.out build dist
