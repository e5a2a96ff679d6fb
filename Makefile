# The table of contents: every verb a student types, in the order of the river.
# `make` lists them.

.DEFAULT_GOAL := help
.PHONY: help lab setup data landing etl metric metrics dashboard docs bench rag ask feedback week learn models promote rollback explain cost serve evals case judge experiment compare agent phoenix tomorrow forget helpdesks test unlocked lock clean

PY := .venv/bin/python
READY := .venv/.ready
PYTHON ?= python3
# What a student types reaches the program as it is, whatever quotes, dollars or backticks it holds.
quoted = '$(subst ','\'',$(value $(1)))'
# Somebody's own exports instead of the sample company: make lab SOURCE=folder
ifdef SOURCE
export LAB_EXPORTS = $(value SOURCE)
endif
# Deprecations inside libraries are no news to a student; the tests do see warnings.
export PYTHONWARNINGS ?= ignore

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

lab: $(READY) ## the whole river; on your own exports: make lab SOURCE=folder
	@$(PY) -m sample_data generate
	@$(PY) -m sample_data extract
	@$(PY) -m etl_track build
	@$(PY) -m rag_track build
	@$(PY) -m evals; gates=$$?; $(PY) -m bridge compare || exit 1; \
	  test $$gates = 0 || { echo "The comparison is there, but the evaluation failed, see above. Next: make evals"; exit 1; }

setup: $(READY) ## make .venv and install everything from requirements.lock

$(READY): requirements.lock pyproject.toml lab/install.py
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "The lab needs Python 3.11 to 3.13, $(PYTHON) is $$($(PYTHON) --version). Next: make PYTHON=python3.12 setup"; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv .venv
	@$(PY) lab/install.py
	@touch $(READY)

unlocked: ## the same with the newest versions that pyproject.toml allows
	@test -x $(PY) || $(PYTHON) -m venv .venv
	@$(PY) lab/install.py --unlocked
	@touch $(READY)

data: $(READY) ## make the sample company and its two help desks (out/source)
	@$(PY) -m sample_data generate

landing: $(READY) ## extract both help desks, and feedback on drafts, to Parquet (out/landing)
	@$(PY) -m sample_data extract

etl: $(READY) ## build and test the warehouse with dbt (out/warehouse.duckdb)
	@$(PY) -m etl_track build

metrics: $(READY) ## every metric with its meaning and its dimensions
	@$(PY) -m etl_track metrics

metric: $(READY) ## a metric as a table: make metric M=csat BY=month [WHERE=region=emea]
	@$(PY) -m etl_track metric $(if $(BY),--by $(call quoted,BY)) $(if $(WHERE),--where $(call quoted,WHERE)) \
	  $(if $(FROM),--since $(call quoted,FROM)) $(if $(UNTIL),--until $(call quoted,UNTIL)) -- $(call quoted,M)

dashboard: $(READY) ## the metrics as a page in the browser
	@$(PY) -m app dashboard

docs: $(READY) ## every model, column and test as one page (out/reports/dbt.html)
	@$(PY) -m etl_track docs

bench: $(READY) ## what both tracks cost, measured: make bench [SIZES=10000]
	@$(PY) -m rag_track bench
	@$(PY) -m etl_track bench $(or $(SIZES),10000 100000)

rag: $(READY) ## chunk, embed and index the resolved tickets (out/index)
	@$(PY) -m rag_track build

ask: $(READY) ## draft a reply: make ask Q="..." [PRODUCT=exports] [TIER=pro]
	@$(PY) -m rag_track ask $(if $(PRODUCT),--product $(call quoted,PRODUCT)) $(if $(TIER),--tier $(call quoted,TIER)) -- $(call quoted,Q)

feedback: $(READY) ## what became of a draft: make feedback DRAFT=id [FILE=reply.txt] [REJECT="why"]
	@$(PY) -m rag_track feedback $(if $(FILE),--file $(call quoted,FILE)) $(if $(REJECT),--reject $(call quoted,REJECT)) -- $(call quoted,DRAFT)

week: $(READY) ## a week at the desk: drafts, edits, learning: make week [CARELESS=0.2] [POISON=1]
	@$(PY) -m sample_data week
	@$(PY) -m bridge week $(if $(CARELESS),--careless $(call quoted,CARELESS)) $(if $(POISON),--poison)
	@$(PY) -m sample_data extract
	@$(PY) -m etl_track build

learn: $(READY) ## learn from all feedback, in three steps: make learn [FAST=1] [WITHOUT=agent-5]
	@$(PY) -m bridge learn $(if $(FAST),--fast) $(if $(WITHOUT),--without $(call quoted,WITHOUT))

models: $(READY) ## every version that was learned, with its scores
	@$(PY) -m rag_track models

promote: $(READY) ## let a version serve, index and model together: make promote VERSION=base
	@$(PY) -m rag_track promote -- $(call quoted,VERSION)

rollback: $(READY) ## back to the version before
	@$(PY) -m rag_track rollback

explain: $(READY) ## one ticket, from its record to its citations: make explain TICKET=zendesk-400004
	@$(PY) -m rag_track explain -- $(call quoted,TICKET)

cost: $(READY) ## what drafting costs at 1k, 100k and 10M tickets, and what was spent
	@$(PY) -m rag_track cost

serve: $(READY) ## drafts over HTTP on this machine: make serve [PORT=8800]
	@$(PY) -m rag_track serve $(if $(PORT),--port $(call quoted,PORT))

evals: $(READY) ## score the golden set, hold the gates: make evals [FAST=1] [ACCEPT=1]
	@$(PY) -m evals $(if $(FAST),--fast) $(if $(ACCEPT),--accept)

case: $(READY) ## one golden query with all its evidence: make case Q=exports-row-limit-q1
	@$(PY) -m evals case -- $(call quoted,Q)

judge: $(READY) ## how often the judge is right where the truth is known
	@$(PY) -m evals judge

experiment: $(READY) ## compare configurations: make experiment [FILE=my.toml] [ACCEPT=1]
	@$(PY) -m evals experiment $(if $(ACCEPT),--accept) $(if $(FILE),-- $(call quoted,FILE))

compare: $(READY) ## both tracks side by side, stage by stage and question by question
	@$(PY) -m bridge compare

agent: $(READY) ## one assistant over both tracks: make agent Q="..." [C=conversation] [TIER=pro]
	@$(PY) -m bridge agent $(if $(C),--conversation $(call quoted,C)) $(if $(TIER),--tier $(call quoted,TIER)) -- $(call quoted,Q)

phoenix: $(READY) ## traces in the browser; then LAB_TRACE=phoenix make agent Q="..."
	@$(PY) -m bridge phoenix

tomorrow: $(READY) ## a day later at the company: what changed flows down both banks
	@$(PY) -m sample_data tomorrow
	@$(PY) -m sample_data extract
	@$(PY) -m etl_track build
	@$(PY) -m rag_track build

forget: $(READY) ## erase a person everywhere, and prove it: make forget CONTACT=address
	@$(PY) -m lab forget -- $(call quoted,CONTACT)
	@$(PY) -m sample_data generate
	@$(PY) -m sample_data extract
	@$(PY) -m etl_track build
	@$(PY) -m rag_track build
	@$(PY) -m evals || true
	@$(PY) -m bridge compare
	@$(PY) -m lab prove

helpdesks: $(READY) ## the help desks as APIs on this machine: make helpdesks [MISBEHAVE=0.2]
	@$(PY) -m sample_data serve $(if $(MISBEHAVE),--misbehave $(call quoted,MISBEHAVE))

test: $(READY) ## all tests, with lint and types
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy
	@cd etl_track && ../.venv/bin/sqlfluff lint models tests --processes 1 --nocolor
	@$(PY) -m pytest -n 2 --dist loadfile

lock: $(READY) ## resolve the newest versions into requirements.lock
	@$(PY) -m uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --quiet --no-header --upgrade \
	  $(foreach name,$(CUDA),--no-emit-package $(name)) --output-file requirements.lock

# What torch's CUDA build would bring. The lab runs on the CPU, so the lock leaves them out.
CUDA := cuda-bindings cuda-pathfinder cuda-toolkit nvidia-cublas nvidia-cuda-cupti nvidia-cuda-nvrtc nvidia-cuda-runtime \
  nvidia-cudnn-cu13 nvidia-cufft nvidia-cufile nvidia-curand nvidia-cusolver nvidia-cusparse nvidia-cusparselt-cu13 \
  nvidia-nccl-cu13 nvidia-nvjitlink nvidia-nvshmem-cu13 nvidia-nvtx triton

clean: $(READY) ## delete everything that runs have made (out/)
	@$(PY) -m lab clean
