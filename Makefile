# streamwidget. `make` alone lists the targets. Everything that is installed goes to .venv and
# js/node_modules; `make clean` removes both.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STATIC := src/streamwidget/static
BUNDLE := $(STATIC)/app.js.gz
LOGS := build/logs
# Two suites run side by side: each has its own cache, where it notes what failed, and its own
# profile and history of IPython.
PYTEST = IPYTHONDIR="$(CURDIR)/$(LOGS)/ipython-$@" $(BIN)/python -m pytest -o cache_dir=$(LOGS)/pytest/$@
# Set by tools/run_again.py: only these tests, and a log of their own.
AGAIN :=
LOG = $(LOGS)/$@$(if $(AGAIN),.again).log
# The end of a suite's command: `<suite>.failed` has its exit code.
NOTE = 2>&1 | tee $(LOG) || { echo $$? >$(LOGS)/$@.failed; false; }
# Two lanes that run side by side and take about as long as each other; then what measures frames, alone.
LANE_1 := lint js-test unit servers
LANE_2 := browser notebooks wheel-check
ALONE := page
SUITES := $(LANE_1) $(LANE_2) $(ALONE)
# The closing line of a log; of Node's test runner it is the counts.
CLOSING := awk '/^. (tests|pass|fail) [0-9]+$$/ { counts = counts $$2 " " $$3 ", " } { last = $$0 } \
	END { print counts ? counts : last }'
# Pip reads nothing but its own configuration; a question would wait for ever where nobody answers.
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PYTHONUNBUFFERED := 1

# What the bundle is made from: a change there builds it anew.
FRONT_END := $(shell find js -path js/node_modules -prune -o -path js/dist -prune -o \
	-path js/test -prune -o -type f -print 2>/dev/null)

.PHONY: help demo test suites bench clean firefox fuzz front-end set-up hostile hosts lite readers $(SUITES)

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

# For people

demo: $(VENV)/.stamp-demo $(BUNDLE)  ## the demo job and the quick start in JupyterLab, with a demo server
	@exec $(BIN)/python -m streamwidget.demo

test: set-up  ## set up, then everything below, in two lanes; goes on after a failure and names it at the end
	@rm -rf $(LOGS) && mkdir -p $(LOGS)
	@$(MAKE) --no-print-directory suites SUITES="$(LANE_2)" >$(LOGS)/lane-2.out 2>&1 & lane_2=$$!; \
	trap "kill $$lane_2 2>/dev/null || :" EXIT; \
	$(MAKE) --no-print-directory suites SUITES="$(LANE_1)" || touch $(LOGS)/lane-1.failed; \
	echo "== the other lane: $(LANE_2)"; wait $$lane_2 || touch $(LOGS)/lane-2.failed; cat $(LOGS)/lane-2.out; \
	$(MAKE) --no-print-directory suites SUITES="$(ALONE)" || touch $(LOGS)/alone.failed; \
	failed=; $(BIN)/python tools/run_again.py $(LOGS) | tee $(LOGS)/run-again.out || failed=1; \
	echo "== summary"; \
	for log in $(LOGS)/*.log; do printf '%-15s %s\n' "$$(basename $$log .log)" "$$($(CLOSING) $$log)"; done; \
	sed -n '/^== passed only/,$$p' $(LOGS)/run-again.out; \
	if [ -n "$$failed" ]; then echo "make test: FAILED: $$(cd $(LOGS); echo *.failed)" >&2; exit 1; fi; \
	echo "make test: everything passed ($(SUITES))"

suites:  # one lane of `test`; a suite that failed leaves a file
	@for suite in $(SUITES); do \
	  echo "== make $$suite"; $(MAKE) --no-print-directory $$suite || touch $(LOGS)/$$suite.failed; \
	done

bench:  ## list the benchmarks
	@for file in $$(grep -l '__main__' benchmarks/*.py); do printf '%-30s %s\n' "$$file" "$$(sed -n '1s/^"""//p' $$file)"; done
	@echo "run one: make set-up && $(BIN)/python benchmarks/<name>.py --help"

# The suites

lint: set-up  ## ruff, mypy and the front end's own checks
	@mkdir -p $(LOGS)
	($(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && cd js && npm run check \
		&& echo "ruff, mypy and npm run check found nothing") $(NOTE)

js-test: $(BUNDLE)  ## the front end's tests
	@mkdir -p $(LOGS)
	(cd js && npm test -- $(AGAIN)) $(NOTE)

page: set-up  ## the front end in a real browser, with models of its own
	@mkdir -p $(LOGS)
	STREAMWIDGET_CHROMIUM="$$($(BIN)/python tools/chromium.py)" \
		$(BIN)/python js/test/gallery/check.py $(AGAIN) $(NOTE)

firefox: $(BUNDLE) build/firefox/.stamp-venv  ## the page checks in Firefox (Debian's firefox-esr, or STREAMWIDGET_FIREFOX): not part of `test`
	@mkdir -p $(LOGS)
	@command -v "$${STREAMWIDGET_FIREFOX:-firefox-esr}" >/dev/null || { echo "Firefox was not found: apt-get install firefox-esr, or set STREAMWIDGET_FIREFOX." >&2; exit 1; }
	build/firefox/bin/python -m pip install --quiet --group firefox
	STREAMWIDGET_FIREFOX="$$(command -v "$${STREAMWIDGET_FIREFOX:-firefox-esr}")" \
		build/firefox/bin/python js/test/gallery/check.py --firefox $(AGAIN) $(NOTE)

hosts: build/hosts/.stamp-venv  ## one stream in marimo, Panel, Solara, Voila, Shiny, Notebook 7 and nbclassic: not part of `test`
	build/hosts/bin/pip install -q --group hosts -e .
	build/hosts/bin/python tests/hosts/check.py build/hosts-pictures

lite: $(BUNDLE)  ## streamwidget in a JupyterLite site with its own Pyodide: not part of `test`
	@mkdir -p $(LOGS)
	test -x build/lite-venv/bin/python || $(PYTHON) -m venv build/lite-venv
	build/lite-venv/bin/python -m pip install --quiet --upgrade 'pip>=25.1'
	build/lite-venv/bin/python -m pip install --quiet --group lite
	rm -rf build/lite-wheel && build/lite-venv/bin/python -m build --wheel --outdir build/lite-wheel
	build/lite-venv/bin/python tests/lite/check.py build/lite-wheel/*.whl build/lite $(NOTE)

fuzz: set-up  ## the property tests with 20 times the examples, others each time: half an hour, not part of `test`
	@mkdir -p $(LOGS)
	STREAMWIDGET_FUZZ=20 $(PYTEST) tests/unit $(NOTE)
	cd js && FUZZ=20000 FUZZ_SEED=$$RANDOM npm test

hostile: set-up  ## 149 hostile payloads at every cut, in a real browser: 2.5 minutes, not part of `test`
	@mkdir -p $(LOGS)
	STREAMWIDGET_CHROMIUM="$$($(BIN)/python tools/chromium.py)" \
		$(BIN)/python js/test/gallery/hostile.py 2>&1 | tee $(LOGS)/hostile.log

readers: set-up build/readers/.stamp-venv build/guests/.stamp-venv  ## who can read what in a saved notebook: 9 readers, 4 endings, 4 programs; 8 minutes, not part of `test`
	@mkdir -p $(LOGS)
	build/readers/bin/python -m pip install --quiet --editable '.[demo]' --group readers
	build/guests/bin/python -m pip install --quiet --editable '.[demo]' --group guests
	export STREAMWIDGET_CHROMIUM="$$($(BIN)/python tools/chromium.py)"; \
	(matrix=0; build/readers/bin/python tests/readers/matrix.py \
		--collaboration $(CURDIR)/build/guests/bin/python --pictures build/readers/pictures || matrix=1; \
	build/readers/bin/python tests/readers/programs.py --pictures build/readers/pictures && exit $$matrix) \
		2>&1 | tee $(LOGS)/readers.log

unit: set-up  ## tests of the decoders, the document, the run and the widget
	@mkdir -p $(LOGS)
	$(PYTEST) tests/unit $(AGAIN) $(NOTE)

servers: set-up  ## real servers and SDKs from PyPI, streaming on the loopback
	@mkdir -p $(LOGS)
	$(PYTEST) tests/servers $(AGAIN) $(NOTE)

notebooks: set-up  ## runs the example notebooks from top to bottom
	@mkdir -p $(LOGS)
	STREAMWIDGET_DEMO_RATE=1500 $(PYTEST) --nbval-lax --nbval-current-env $(or $(AGAIN),notebooks) $(NOTE)

wheel-check: set-up  ## builds sdist and wheel and looks into them
	@mkdir -p $(LOGS)
	rm -rf build/dist && $(BIN)/python -m build --outdir build/dist
	$(BIN)/python tools/wheel_check.py build/dist $(NOTE)

browser: set-up  ## the widget in a real JupyterLab in headless Chromium
	@mkdir -p $(LOGS)
	STREAMWIDGET_CHROMIUM="$$($(BIN)/python tools/chromium.py)" \
		$(PYTEST) tests/browser $(AGAIN) $(NOTE)

# Setting up

set-up: $(VENV)/.stamp-test $(BUNDLE)  ## what tests and benchmarks need

front-end: $(BUNDLE)  ## builds the front end

$(VENV)/.stamp-venv:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) was not found: install Python >= 3.10, or run make PYTHON=/path/to/it." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "$$($(PYTHON) --version) is too old: streamwidget needs Python >= 3.10; run make PYTHON=/path/to/it." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot create environments: install them first (apt-get install python3-venv)." >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	@touch $@

build/%/.stamp-venv: $(VENV)/.stamp-venv  # an environment of its own, with a pip that knows groups
	test -x $(@D)/bin/python || $(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/.stamp-demo: pyproject.toml $(VENV)/.stamp-venv | $(BUNDLE)
	$(BIN)/python -m pip install --quiet --editable '.[demo]' --group notebook
	@touch $@

$(VENV)/.stamp-test: pyproject.toml $(VENV)/.stamp-venv | $(BUNDLE)
	$(BIN)/python -m pip install --quiet --editable '.[demo]' --group test --group lab --group servers
	@touch $@

js/node_modules/.stamp: js/package.json js/package-lock.json
	@command -v npm >/dev/null || { echo "npm was not found: install Node >= 20, the front end is built with it." >&2; exit 1; }
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { echo "Node $$(node --version) is too old: the front end needs Node >= 20." >&2; exit 1; }
	cd js && npm ci --no-audit --no-fund
	@touch $@

$(BUNDLE): js/node_modules/.stamp $(FRONT_END)
	cd js && npm run build
	@test -f $@ || { echo "npm run build ended well, but $@ is absent." >&2; exit 1; }
	@touch $@

clean:  ## removes everything that was installed or built
	rm -rf $(VENV) build js/node_modules js/dist $(STATIC)
