# Two commands matter: `make demo` and `make test`. Both make .venv themselves.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PINS   := -c .ci/constraints.txt
PIP    := $(BIN)/python -m pip --disable-pip-version-check -q

.PHONY: demo test test-model check golden index eval clean

demo: $(VENV)/.installed
	@mkdir -p demo
	$(BIN)/kepudraft init --unit-type 科技馆 --example --force -o demo/facts.xlsx
	$(BIN)/kepudraft draft demo/facts.xlsx -o demo/summary.docx -o demo/summary.md -o demo/summary.json

test: $(VENV)/.tested
	$(BIN)/python -m pytest -n auto --maxprocesses 4

# With a real language model (1.1 GB, fetched once).
test-model: $(VENV)/.tested
	@$(PIP) install $(PINS) -e '.[dev,local]'
	KEPUDRAFT_TEST_MODEL="$$(bash .ci/model $(BIN)/python)" $(BIN)/python -m pytest -m model

check: $(VENV)/.tested
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m eval originality

golden: $(VENV)/.tested
	KEPUDRAFT_GOLDEN=write $(BIN)/python -m pytest -k golden

index: $(VENV)/.tested
	$(BIN)/python -m eval build_index

eval: $(VENV)/.tested
	$(BIN)/python -m eval faithful
	$(BIN)/python -m eval figures
	$(BIN)/python -m eval retrieval
	$(BIN)/python -m eval speed

# torch first: sentence-transformers needs it, and left to itself pip would take a build with gigabytes of CUDA.
# It is not loaded unless a model of one's own is named.
$(VENV)/.installed: pyproject.toml .ci/constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -c "import sys; sys.exit(sys.version_info < (3, 11))" || { echo "需要 Python 3.11 或更新：make PYTHON=python3.11 …"; exit 1; }
	@echo "安装中（第一次约需几分钟）……"
	@$(BIN)/python -c "import torch" 2>/dev/null || $(PIP) install torch==2.13.0
	@$(PIP) install $(PINS) -e .
	@touch $@

$(VENV)/.tested: $(VENV)/.installed
	@$(PIP) install $(PINS) -e '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
