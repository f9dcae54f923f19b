# Everything here works on a fresh machine with Python 3.11 or newer. Each target sets up what it needs
# in .venv, once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo lab test check docs links notebooks screenshots bench peers lite faults dist relay pythons clean

demo: $(VENV)/.demo
	$(BIN)/nbext demo --folder demo

lab: $(VENV)/.lab
	$(BIN)/jupyter lab notebooks/quickstart.ipynb $(if $(filter 0,$(shell id -u)),--allow-root) $(ARGS)

test: check $(VENV)/.test
	sh tests/setup.sh
	$(BIN)/python tests/startup.py
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

docs: $(VENV)/.docs
	$(BIN)/sphinx-build -W --keep-going -b html docs docs/_build/html
	$(BIN)/sphinx-build -W -q -b linkcheck -D nb_execution_mode=off docs docs/_build/links
	@echo "docs/_build/html/index.html"

# The links to other sites, which need a network.
links: $(VENV)/.docs
	LINKS=all $(BIN)/sphinx-build -W -q -b linkcheck -D nb_execution_mode=off docs docs/_build/links

notebooks: $(VENV)/.test
	$(BIN)/python docs/notebooks.py

screenshots: $(VENV)/.test
	sh tests/setup.sh
	$(BIN)/python docs/gallery.py
	$(BIN)/python docs/lab.py
	$(BIN)/python docs/panel.py

# The package as it would be published, checked, and tried in an empty environment.
dist: $(VENV)/.dist
	$(BIN)/python tests/dist.py

# Live requests to the endpoint in NBEXT_BASE_URL: it counts them first, and asks.
relay: $(VENV)/.demo
	$(BIN)/nbext doctor --live $(ARGS)

bench: $(VENV)/.test
	$(BIN)/python -m tests.bench $(ARGS)

# Other projects' clients against the embedded endpoint; at night, since it installs them.
peers: $(VENV)/.test
	$(BIN)/python tests/peers/run.py $(ARGS)

# A JupyterLite site with recorded pictures, in a browser; it installs JupyterLite and Pyodide.
lite: $(VENV)/.test
	sh tests/setup.sh
	$(BIN)/python tests/peers/lite.py

# The suite, but for the browser's, on the other Pythons of this machine, or of Debian's later releases;
# and all files compiled on those that npm has for WebAssembly.
pythons: $(VENV)/.test
	$(BIN)/python -m tests.peers.pythons
	$(BIN)/python -m tests.peers.others $(ARGS)

# Kills, cuts, faults and hostile input at full length: hours. One row of a table for each case.
faults: $(VENV)/.test
	sh tests/setup.sh
	nice -n 19 $(BIN)/python -m tests.faults $(ARGS)

$(VENV)/.%: pyproject.toml
	@test -x $(BIN)/pip || $(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12 …" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[$*]'
	@touch $@

clean:
	rm -rf $(VENV) .peers demo docs/_build build dist tests/browser/node_modules
