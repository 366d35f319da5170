# Everything that is installed lies in .venv and node_modules; `make clean` removes what was built, `make distclean` all.
# Stamp files say what is already there, so that a second `make site` installs nothing.

# The system's own Python, where it is new enough and can make environments: distributions compile theirs with what they
# learnt of how it is used, and a build takes a sixth less time than with one that a version manager compiled here.
PYTHON ?= $(shell /usr/bin/python3 -c '$(FIT)' 2>/dev/null && echo /usr/bin/python3 || echo python3)
FIT := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
PORT ?= 8000
# Tests often wait for a server, a browser or a disk: one process more than processors keeps all of them busy.
TESTERS ?= $(shell expr $$(nproc) + 1)
SECONDS ?= 3600
MODULE ?=
SAMPLE ?= 150

VENV := .venv
PY := $(VENV)/bin/python
# npm 7 is the first that reads our lock file; where PATH has none, one comes with the package from PyPI.
NPM_LEAST := 7

.NOTPARALLEL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help install site build test coverage fuzz mutants planted check format lock sbom bench bench-peers browser java
.PHONY: rsync postgresql clean distclean

help:
	@echo 'make site      install, build the demonstration, serve it at http://127.0.0.1:$(PORT)/ (PORT=8000)'
	@echo 'make install   everything into .venv and node_modules, test tools included'
	@echo 'make test      all tests but the ones marked scale; make coverage: the same, and which lines they reach'
	@echo 'make fuzz      look for inputs that a reader falls over, for SECONDS=3600 in all'
	@echo 'make mutants   change the program a little, see whether its fast tests notice (MODULE=formula SAMPLE=150)'
	@echo 'make planted   plant known faults, show the test that turns red for each'
	@echo 'make check     format, lint, types'
	@echo 'make format    put the format right'
	@echo 'make lock      write locks/ anew after pyproject.toml has changed (LOCK=--upgrade: with the newest of what is not named there)'
	@echo 'make sbom      the list of parts of a release, CycloneDX, in dist/'
	@echo 'make bench     measure on a synthetic country (BENCH="--organizations 100000"); make bench-peers: what it is compared with'
	@echo 'make clean     remove what was built; make distclean: what was installed as well'

install: $(VENV)/.test-tools node_modules/.test-tools
	@echo 'Everything is installed.'

site: build
	@echo 'Site and widget: http://127.0.0.1:$(PORT)/   (Ctrl-C stops them)'
	@exec $(PY) publish.py serve --port $(PORT)

build: $(VENV)/.run-time node_modules/.run-time
	$(PY) publish.py build

# Hundreds of tests start the program: none of them need translate it again. Where memory is plenty their files lie there
# (five gigabytes, gone when all is over), for nobody need wait for a disk that forgets them. PostgreSQL's user must get in,
# and programs that tests write must be allowed to run there.
test: install browser java rsync postgresql
	@$(PY) -m compileall -q nok widget benchmarks tests publish.py
	@if [ -n '$(ROOMY)' ]; then \
	  folder=$$(mktemp -d /dev/shm/nok.XXXX) && trap 'rm -rf "$$folder"' EXIT && trap 'exit 130' INT TERM \
	    && chmod 711 "$$folder" && TMPDIR="$$folder" $(TESTING); \
	else $(TESTING); fi

TESTING = $(PY) -m pytest -n $(TESTERS) --dist loadfile --no-loadscope-reorder
ROOMY = $(shell free=$$(df --output=avail /dev/shm 2>/dev/null | tail -n 1) && [ "$$free" -gt 8000000 ] 2>/dev/null \
	&& ! grep -q ' /dev/shm .*noexec' /proc/mounts && awk '/MemAvailable/ { exit $$2 < 14000000 }' /proc/meminfo && echo yes)

# One process, because the others would not be traced: it takes twice as long.
coverage: install browser java postgresql rsync
	$(PY) -m coverage run -m pytest
	@$(PY) -m coverage report

fuzz: install
	@$(PY) -c 'import atheris' 2>/dev/null || { $(call install_locked,fuzz.txt); }
	$(PY) -m tests.fuzz.run --seconds $(SECONDS)

mutants: install
	@$(PY) -c 'import libcst' 2>/dev/null || { $(call install_locked,mutants.txt); }
	$(PY) -m tests.mutants $(MODULE) --sample $(SAMPLE)

planted: install
	$(PY) -m tests.planted

check: $(VENV)/.test-tools
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy

format: $(VENV)/.test-tools
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

# What stays possible stays as it is, so that a new lock holds only what was meant to change. What runs is what was tested:
# the shorter list takes its versions from the longer one. No line names an index.
LOCKED = $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --annotation-style line \
	--custom-compile-command 'make lock' $(LOCK)

lock: $(VENV)/.test-tools
	$(LOCKED) --group build --extra test --extra s3 --extra cluster pyproject.toml -o locks/test-tools.txt
	$(LOCKED) --group build --constraints locks/test-tools.txt pyproject.toml -o locks/run-time.txt
	$(LOCKED) --extra fuzz --constraints locks/test-tools.txt pyproject.toml -o locks/fuzz.txt
	$(LOCKED) --extra mutants --constraints locks/test-tools.txt pyproject.toml -o locks/mutants.txt
	$(LOCKED) --group pyproject.toml:uv -o locks/uv.txt
	$(LOCKED) --group pyproject.toml:node -o locks/node.txt

sbom: install
	$(PY) -m locks.sbom

bench: install
	$(PY) -m benchmarks.run $(BENCH)

bench-peers: install
	PATH="$$PATH:$(CURDIR)/$(VENV)/bin" $(PY) -m benchmarks.peers install

clean:
	rm -rf output output.state build htmlcov .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find benchmarks nok widget tests -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean
	rm -rf $(VENV) node_modules nok.egg-info benchmarks/.peers

# --- what is installed -------------------------------------------------------------------------------------------------

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'Python 3.11 or newer is needed, found:' "$$($(PYTHON) --version 2>&1)." >&2; \
	  echo 'Name another one: make PYTHON=python3.12 …. Nothing was installed.' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
	  echo 'Python could not make .venv. On Debian and Ubuntu: apt-get install python3-venv. Nothing was installed.' >&2; exit 1; }
	@touch $@

# $(1): a list of locks/. Nothing is installed that does not stand there with its hash, whoever installs it: the lists are
# whole, so that nobody need look for what a package would like besides.
# uv installs in seconds what takes pip more than a minute; where it cannot be had or does not reach the packages (it
# does not read pip's settings), pip does the same. Bytecode is made now: otherwise the first start of everything is slow.
define install_locked
{ { $(PY) -m uv --version >/dev/null 2>&1 || $(PIP) --require-hashes -r locks/uv.txt; } \
	  && $(PY) -m uv pip install --quiet --python $(PY) --compile-bytecode --no-deps --require-hashes -r locks/$(1) 2>/dev/null \
	  || { echo 'uv cannot install the packages here; pip does the same, more slowly …'; $(PIP) --no-deps --require-hashes -r locks/$(1); }; }
endef

PIP = $(PY) -m pip install -qq --disable-pip-version-check
# The program itself needs nothing more by now, not even to be built: it is forbidden to look for anything.
INSTALL_PROGRAM = $(PIP) --no-index --no-deps --no-build-isolation -e .

$(VENV)/.run-time: $(VENV)/.created pyproject.toml locks/run-time.txt
	@echo 'Installing the program into $(VENV) …'
	@$(call install_locked,run-time.txt)
	@$(INSTALL_PROGRAM)
	@$(PY) -m compileall -q nok widget publish.py
	@touch $@

$(VENV)/.test-tools: $(VENV)/.created pyproject.toml locks/run-time.txt locks/test-tools.txt
	@echo 'Installing the program and the test tools into $(VENV) …'
	@$(call install_locked,test-tools.txt)
	@$(INSTALL_PROGRAM)
	@touch $(VENV)/.run-time $@

# This file holds the name of the npm to use: the system's, or the one that is fetched from PyPI for want of it.
$(VENV)/.npm: $(VENV)/.created
	@version=$$(npm --version 2>/dev/null | tail -n 1); \
	if [ "$${version%%.*}" -ge $(NPM_LEAST) ] 2>/dev/null; then echo npm > $@; \
	else echo 'No npm $(NPM_LEAST) or newer on PATH: taking one from PyPI into $(VENV) …'; fi
	@[ -s $@ ] || { $(call install_locked,node.txt) && echo $(CURDIR)/$(VENV)/bin/npm > $@; }

define npm_ci
	@echo 'Installing maps and fonts into node_modules …'
	@PATH="$$PATH:$(CURDIR)/$(VENV)/bin" "$$(cat $(VENV)/.npm)" ci --ignore-scripts --no-progress --loglevel=error $(1)
	@touch node_modules/.run-time
endef

node_modules/.run-time: package-lock.json | $(VENV)/.npm
	$(call npm_ci,--omit=dev)

node_modules/.test-tools: package-lock.json | $(VENV)/.npm
	$(call npm_ci,)
	@touch $@

# --- programs of Debian that some tests use -----------------------------------------------------------------------------

# $(1): the package, $(2): what it is, $(3): which tests are skipped without it. Never asked for twice, and never a must:
# where it cannot be installed, the tests that need it are skipped, and say so.
define debian_package
	if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && echo 'Installing $(2) …' \
	  && apt-get update -qq \
	  && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	     -o DPkg::Lock::Timeout=300 $(1) >/dev/null; then :; \
	else \
	  echo 'No $(2): $(3) will be skipped.'; \
	  echo 'To run them: apt-get install --no-install-recommends $(1) (as root), then make test again.'; \
	fi
endef

# Debian's Chromium, never a downloaded one.
browser:
	@if { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null; then :; \
	else $(call debian_package,chromium,headless Chromium,the tests under tests/browser); fi

# The Nu checker of HTML is written in it.
java:
	@if command -v java >/dev/null; then :; \
	else $(call debian_package,default-jre-headless,Java,the check of every page by the Nu checker); fi

rsync:
	@if command -v rsync >/dev/null; then :; \
	else $(call debian_package,rsync,rsync,the tests that deploy with it); fi

# The server's programs; tests start a server of their own, whether or not one is running.
postgresql:
	@if ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null; then :; \
	else $(call debian_package,postgresql,PostgreSQL,the tests that keep ratings in it); fi
