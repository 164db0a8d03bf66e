# make demo         a small ttH analysis on the engine, from nothing to its plot
# make test         everything that must hold; what .ci/run calls
# make test-quick   unit tests alone
# make luigi-suite  luigi's own tests against Martlet's luigi face: FILE="parameter task" K=… KIND=public
# make bench        Martlet beside other engines, 20 minutes: docs/performance.md; make bench-quick shows that it works
# make bench-stores  Martlet, gfal2, davix and fsspec ask which of 50,000 remote files are there: docs/performance.md
# make bench-jobs   10,000 branches as jobs of a real Slurm, and what their driver costs: docs/scale.md
#                   BRANCHES=10000 PER_JOB=10 CORES=2 PILOTS=2, PENDING=yes: jobs are not let run
# make faults       kills, full disks and damaged records from printed seeds: N=100 FIRST=1 SEED=… KIND=… MUTANT=…
# make simulate     histories of the engine from seeds: SEEDS=100000, SEEDS=1000..2000, SEED=42 (TASKS=7)
# make simulate-jobs  JOBS=50000 jobs over seven lying sites, from SEED=1
# make lint | wheel | clean
#
# PYTHON=…  the Python under .venv     SWIFT=…  the Swift compiler driver
# BENCH="fan grid"  PEERS="martlet make"  N="1000 10000"  of the benchmarks only these
# MARTLET_TEST_PYTHONS="…"  the Pythons for the end-to-end tests instead of all that are found

.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory

VENV := .venv
VENV_PYTHON := $(VENV)/bin/python
PIP := $(VENV_PYTHON) -m pip --disable-pip-version-check --quiet
BENCH_PIP := .venvs/bench/bin/python -m pip --disable-pip-version-check --quiet
LUIGI_SUITE_PIP := .venvs/luigi-suite/bin/python -m pip --disable-pip-version-check --quiet
# a stamp is newer than all that its step was made from
STAMPS := .build/stamps
# directories too: a removed file changes nothing else
SOURCES := $(shell find Sources python/martlet -name __pycache__ -prune -o -name '*.so' -prune -o -print) \
	Package.swift pyproject.toml hatch_build.py README.md LICENSE

# what a stamp promises and somebody has removed or broken since
$(shell ls dist/*.whl >/dev/null 2>&1 || rm -f $(STAMPS)/wheel)
$(shell $(VENV_PYTHON) -c '' 2>/dev/null || rm -f $(VENV)/.made)

.PHONY: demo test test-quick luigi-suite bench bench-quick bench-stores bench-jobs faults simulate simulate-jobs lint wheel clean

demo: $(STAMPS)/installed
	@cd examples/tth && ../../$(VENV)/bin/martlet run tth.py TTH --workers 2
	@plots=$$(find examples/tth/results -name '*.png' 2>/dev/null | sort); \
		[ -z "$$plots" ] || printf 'The plot is in\n' && printf '  %s\n' $$plots

test: $(STAMPS)/system-test $(STAMPS)/test-tools $(STAMPS)/real-luigi $(STAMPS)/luigi-suite
	@MARTLET_WHEEL="$$(cat $(STAMPS)/wheel)" MARTLET_REAL_LUIGI=$(abspath .venvs/real-luigi/bin/python) .ci/test full

test-quick: $(STAMPS)/system-test $(STAMPS)/test-tools
	@.ci/test quick

luigi-suite: $(STAMPS)/luigi-suite
	@PYTHONPATH=python/tests $(VENV_PYTHON) -m luigi_suite .venvs/luigi-suite/bin/python .venvs/luigi-suite/suite \
		$(if $(FILE),--file $(FILE)) $(if $(KIND),--kind $(KIND)) $(if $(K),-k '$(K)')

bench bench-quick: $(STAMPS)/benchmark-tools
	@.venvs/bench/bin/python -m benchmarks $(if $(BENCH),--bench $(BENCH)) $(if $(PEERS),--peers $(PEERS)) \
		$(if $(N),--n $(N),$(if $(filter bench-quick,$@),--n 1 300)) $(if $(filter bench-quick,$@),--rounds 1)

# real servers behind a proxy that makes the network as long as it is
bench-stores: $(STAMPS)/benchmark-tools $(STAMPS)/system-bench-stores
	@PYTHONPATH=python/tests .venvs/bench/bin/python -m benchmarks.stores $(if $(PEERS),--peers $(PEERS)) $(if $(N),--files $(N))

# ten minutes of two cores; BRANCHES=… PER_JOB=… CORES=…
bench-jobs: $(STAMPS)/test-tools $(STAMPS)/system-test
	@PYTHONPATH=python/tests:. $(VENV_PYTHON) -m benchmarks.jobs $(if $(BRANCHES),--branches $(BRANCHES)) \
		$(if $(PER_JOB),--tasks-per-job $(PER_JOB)) $(if $(CORES),--cores $(CORES)) \
		$(if $(PILOTS),--pilots $(PILOTS)) $(if $(PENDING),--pending)

faults: $(STAMPS)/installed
	@PYTHONPATH=python/tests $(VENV_PYTHON) -m faults --count $(or $(N),100) --first $(or $(FIRST),1) \
		$(if $(SEED),--seed $(SEED)) $(if $(KIND),--kind $(KIND)) $(if $(MUTANT),--mutant $(MUTANT))

# optimised, with the engine's own assertions
$(STAMPS)/simulate: $(SOURCES) $(STAMPS)/system-test $(VENV)/.made
	@swift=$$($(VENV_PYTHON) -c 'import hatch_build; print(hatch_build.find_swift())') && \
		"$$swift" build --product simulate --configuration release --scratch-path .build/simulate \
			-Xswiftc -assert-config -Xswiftc Debug --quiet
	@touch $@

simulate: $(STAMPS)/simulate
	@.build/simulate/release/simulate $(or $(SEED),$(subst .., ,$(if $(findstring ..,$(SEEDS)),$(SEEDS),1..$(or $(SEEDS),100000)))) \
		$(if $(SEED),$(SEED)) $(TASKS)

simulate-jobs: $(STAMPS)/simulate
	@.build/simulate/release/simulate jobs $(or $(SEED),1) $(or $(JOBS),50000)

lint: $(STAMPS)/test-tools
	@.ci/lint

wheel: $(STAMPS)/wheel
	@cat $(STAMPS)/wheel

clean:
	rm -rf .build .venv .venvs dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -not -path "./.git/*" -prune -exec rm -rf {} +

# --- steps, each made once and again when what it was made from has changed ---

$(STAMPS)/system-demo: .ci/system-packages .ci/find-python
	@mkdir -p $(@D)
	@.ci/system-packages demo
	@touch $@

$(STAMPS)/system-test: .ci/system-packages .ci/find-python
	@mkdir -p $(@D)
	@.ci/system-packages test
	@touch $@

$(STAMPS)/system-bench $(STAMPS)/system-bench-stores: $(STAMPS)/system-%: .ci/system-packages .ci/find-python
	@mkdir -p $(@D)
	@.ci/system-packages $*
	@touch $@

# the virtual environment; a copied or half-made one is made anew
$(VENV)/.made: $(STAMPS)/system-demo
	@python=$$(.ci/find-python) && echo "==> .venv with $$python" && \
		rm -rf $(VENV) && "$$python" -m venv $(VENV)
	@$(PIP) install 'hatchling>=1.27'
	@touch $@

# the engine, the executable and the Python package; the stamp holds the wheel's path
$(STAMPS)/wheel: $(SOURCES) $(VENV)/.made
	@mkdir -p $(@D)
	@echo "==> wheel (compiles the engine)"
	@rm -rf dist && $(VENV_PYTHON) -m hatchling build --target wheel --directory dist
	@printf '%s\n' dist/*.whl > $@

# what an analysis uses, apart from the wheel so that it stays when sources change
$(VENV)/.libraries: pyproject.toml .ci/requirements $(VENV)/.made
	@echo "==> libraries of the demo"
	@$(VENV_PYTHON) .ci/requirements hep | $(PIP) install --requirement /dev/stdin
	@touch $@

$(STAMPS)/installed: $(STAMPS)/wheel $(VENV)/.libraries
	@$(PIP) install --no-deps --force-reinstall "$$(cat $(STAMPS)/wheel)"
	@touch $@

$(STAMPS)/test-tools: pyproject.toml .ci/requirements $(STAMPS)/installed
	@echo "==> tools of the tests"
	@$(VENV_PYTHON) .ci/requirements hep files xrootd fsspec notebook test dev | $(PIP) install --requirement /dev/stdin
	@touch $@

# luigi itself, apart from everything: the tests ask it and Martlet the same questions
$(STAMPS)/real-luigi: $(VENV)/.made
	@echo "==> luigi, to compare with"
	@rm -rf .venvs/real-luigi && $(VENV_PYTHON) -m venv .venvs/real-luigi
	@.venvs/real-luigi/bin/python -m pip --disable-pip-version-check --quiet install 'luigi==3.8.1' toml
	@touch $@

# what luigi's own tests need, and in luigi's place Martlet and martlet-luigi
$(STAMPS)/luigi-suite: $(STAMPS)/wheel python/tests/luigi_suite/requirements.txt $(wildcard python/martlet-luigi/*)
	@echo "==> environment of luigi's tests"
	@[ -x .venvs/luigi-suite/bin/python ] || $(VENV_PYTHON) -m venv .venvs/luigi-suite
	@$(LUIGI_SUITE_PIP) install --requirement python/tests/luigi_suite/requirements.txt "$$(cat $(STAMPS)/wheel)"
	@$(LUIGI_SUITE_PIP) install --no-deps --force-reinstall "$$(cat $(STAMPS)/wheel)" ./python/martlet-luigi
	@touch $@

# whom the benchmarks compare, in one environment with the wheel
$(STAMPS)/benchmark-peers: benchmarks/requirements.txt $(VENV)/.made $(STAMPS)/system-bench
	@echo "==> other engines, to compare with"
	@rm -rf .venvs/bench && $(VENV_PYTHON) -m venv .venvs/bench
	@$(BENCH_PIP) install --requirement benchmarks/requirements.txt
	@touch $@

$(STAMPS)/benchmark-tools: $(STAMPS)/wheel $(STAMPS)/benchmark-peers
	@$(BENCH_PIP) install "$$(cat $(STAMPS)/wheel)"
	@$(BENCH_PIP) install --no-deps --force-reinstall "$$(cat $(STAMPS)/wheel)"
	@touch $@
