# Every daily job has a target here; `make help` lists them. .venv is made and kept up to date by itself.
.DEFAULT_GOAL := help
.SILENT:
.PHONY: help run test check bench format lock clean runtime tools

# With it every process would compile the platform anew, and the tests start a hundred.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?=
BOOTSTRAP := $(or $(PYTHON),python3) tools/venv.py
PY := .venv/bin/python
BIN := .venv/bin
UV := uv==0.13.9
PRODUCTION := DEBUG=False HTTPS=True ALLOWED_HOSTS=ronghe.example SECRET_KEY=$$(head -c 48 /dev/urandom | base64 -w0) \
	REDIS_URL=redis://127.0.0.1:6379/0 EMAIL_URL=smtp://127.0.0.1:25

help:  ## Show this list
	awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: runtime  ## Run the whole platform; ONCE=1 sets up, recomputes, prints ten matches and stops
	exec $(PY) manage.py up $(if $(ONCE),--once) $(ARGS)

test: tools  ## Run every test on SQLite and on PostgreSQL; ARGS="tests/ronghe/events --database sqlite" for some
	exec $(PY) -m tests.run -n auto --dist worksteal $(ARGS)

check: tools  ## Run every check of the code: format, lint, types, layers, templates, migrations, deployment
	$(PY) tools/lock.py --check
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	git ls-files '*.html' | xargs -r $(BIN)/djade --check --target-version 5.2
	PYTHONPATH=platform $(BIN)/lint-imports --no-cache
	$(BIN)/mypy .
	$(PY) tools/messages.py check
	SECRET_KEY=check $(PY) manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(PY) manage.py check --deploy --fail-level WARNING
	echo "All checks passed."

bench:  ## Measure the engine against its named peers
	$(BOOTSTRAP) requirements-bench.txt requirements-dev.txt requirements.txt
	exec $(PY) -m benchmarks $(ARGS)

format: tools  ## Format code and templates in place
	$(BIN)/ruff check --quiet --fix .
	$(BIN)/ruff format --quiet .
	git ls-files '*.html' | xargs -r $(BIN)/djade --target-version 5.2

lock: tools  ## Pin the newest allowed version of every requirement
	$(PY) -m pip install --quiet --target .venv/uv $(UV)
	PATH="$(CURDIR)/.venv/uv/bin:$$PATH" $(PY) tools/lock.py

clean:  ## Remove the environment and every cache, but nothing under var/
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache htmlcov .coverage

runtime:
	command -v $(or $(PYTHON),python3) >/dev/null || { echo "make: there is no python3 here. Install Python 3.11 or newer (Debian: apt-get install python3 python3-venv)." >&2; exit 1; }
	$(BOOTSTRAP) requirements.txt

tools:
	command -v $(or $(PYTHON),python3) >/dev/null || { echo "make: there is no python3 here. Install Python 3.11 or newer (Debian: apt-get install python3 python3-venv)." >&2; exit 1; }
	$(BOOTSTRAP) requirements-dev.txt requirements.txt
