# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
OUT    ?= demo-out
STAMP  := $(VENV)/.installed

# Compiled files are kept, whatever the environment says: tests start a hundred processes that load the same libraries.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test lint types dead slow interop bench crash contracts lock clean

$(STAMP): requirements-dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

demo: $(STAMP)           ## the main job, on the embedded chain
	$(BIN)/acredita demo --out $(OUT)

test: $(STAMP)           ## at most eight minutes, fixed seeds
	$(BIN)/python -m pytest -q -n 2

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

dead: $(STAMP)           ## code that nothing uses; names used elsewhere are in pyproject.toml
	$(BIN)/vulture

slow: $(STAMP)           ## long runs with fixed seeds
	$(BIN)/python -m pytest -q -n 2 -m slow

interop: $(STAMP) .oracles/.installed   ## against implementations that are not ours
	ACREDITA_NO_SKIPS=1 $(BIN)/python -m pytest -q -m interop

crash: $(STAMP)          ## seeded SIGKILL campaigns, by hand
	$(BIN)/python -m pytest -q -m crash

bench: $(STAMP) .oracles/.installed     ## ratios of docs/benchmarks.md
	$(BIN)/python -m bench

# Implementations that are not ours, each in an environment of its own; pymerkle and pyld do not agree on cachetools.
# Not `npm ci`: it insists on lock entries for other platforms' binaries, which the registry may not serve here.
.oracles/.installed: $(wildcard tests/interop/package-lock.json tests/interop/requirements*.txt)
	mkdir -p .oracles/npm
	cp tests/interop/package.json tests/interop/package-lock.json .oracles/npm/
	cd .oracles/npm && npm install --silent --no-audit --no-fund
	$(PYTHON) -m venv .oracles/venv
	.oracles/venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r tests/interop/requirements.txt
	$(PYTHON) -m venv .oracles/merkle
	.oracles/merkle/bin/pip install --quiet --disable-pip-version-check --require-hashes -r tests/interop/requirements-merkle.txt
	.oracles/merkle/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r tests/interop/requirements-merkletools.txt
	touch $@

contracts: $(STAMP)      ## compile the Vyper sources into contracts/artifacts
	$(BIN)/python -m acredita.contracts.compile

lock:                    ## lock files hold names, versions and hashes, no addresses (needs uv)
	uv pip compile -q --universal --no-header --generate-hashes --no-emit-index-url --no-emit-find-links --extra dev --python-version 3.11 pyproject.toml -o requirements-dev.txt
	uv pip compile -q --universal --no-header --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11 pyproject.toml -o requirements.txt

clean:
	rm -rf $(VENV) .oracles $(OUT) build dist *.egg-info
