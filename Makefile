# Every target does its own set-up: a machine needs Python 3.11 to 3.13 and make, nothing else (uv is used when it is there).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.installed-run
DEV := $(VENV)/.installed-dev
GENAI := $(VENV)/.installed-genai
LLAMACPP := $(VENV)/.installed-llamacpp
CONVERT := $(VENV)/.installed-convert
BANDITS := $(VENV)/.installed-bandits
OCR := $(VENV)/.installed-ocr
CONSTRAINTS := deploy/constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Workers and tests start processes by the hundred: modules are compiled once, also where the shell forbids it.
export PYTHONDONTWRITEBYTECODE :=

ifneq ($(shell command -v uv 2>/dev/null),)
CREATE := uv venv --quiet --allow-existing --python $(PYTHON) $(VENV)
INSTALL := uv pip install --quiet --python $(BIN)/python -c $(CONSTRAINTS) -e
INSTALL_ALONE := uv pip install --quiet --python $(BIN)/python --no-deps
else
CREATE := $(PYTHON) -m venv $(VENV)
INSTALL := $(BIN)/python -m pip install --quiet -c $(CONSTRAINTS) -e
INSTALL_ALONE := $(BIN)/python -m pip install --quiet --no-deps
endif

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev copywriter demo test check faults clean bench-profile bench-latency bench-erasures bench-revocations bench-attribution bench-feedback bench-detector bench-items bench-transfer bench-refit bench-choice bench-intent bench-evaluate bench-experiments llamacpp bench-copy bench-click bench-serve bench-collect bench-render fonts

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { echo "Shiftcast needs Python 3.11 to 3.13, and $(PYTHON) is another; name one: make PYTHON=python3.12 ..."; exit 1; }
	@$(CREATE)

$(RUN): $(BIN)/python pyproject.toml $(CONSTRAINTS)
	@echo "installing into $(VENV) (no torch: the copywriter ships as an ONNX file)"
	@$(INSTALL) '.[cpu,broker,image,video,provenance]'
	@if [ -z "$$KAFKA_BROKER" ]; then $(BIN)/shiftcast broker fetch; fi
	@echo "compiling the numeric kernels, once"
	@$(BIN)/python -m agents.compile_kernels
	@touch $@

$(DEV): $(RUN)
	@$(INSTALL) '.[cpu,broker,image,video,provenance,dev,train]'
	@touch $@

setup: $(RUN) ## the environment that demo and workers need

setup-dev: $(DEV) ## ... and what tests and checks need

$(CONVERT): $(RUN)
	@$(INSTALL) '.[cpu,broker,image,video,provenance,convert]'
	@touch $@

copywriter: $(CONVERT) ## let a small language model write English copy (93 MB, fetched once) instead of the built-in one
	@$(BIN)/shiftcast model fetch smollm2 --use

demo: $(RUN) ## the whole loop on this machine: broker, workers, simulated users, creatives
	@$(BIN)/shiftcast demo $(ARGS)

# Half of what a test on a broker takes is waiting: four at once, of which one computes, keep two cores busy.
test: $(OCR) ## all tests, those against a real broker and the fault tests included
	@$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder --durations=20 $(ARGS)

check: $(DEV) ## ruff, mypy --strict, import-linter
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

faults: $(DEV) ## only the tests that kill workers
	@$(BIN)/python -m pytest -m faults $(ARGS)

bench-profile: $(DEV) ## W2: profile updates per CPU-second, against an oracle
	@$(BIN)/python -m tests.bench.stream.bench_profile $(ARGS)

bench-latency: $(DEV) ## W3: from an event to its creative, open loop
	@$(BIN)/python -m tests.bench.stream.bench_latency $(ARGS)

bench-erasures: $(DEV) ## erased users out of the files: how long it takes and how long the loop is held up
	@$(BIN)/python -m tests.bench.stream.bench_erasures $(ARGS)

bench-revocations: $(DEV) ## what must go, at 100,000 live personal creatives: when it is revoked and when it is gone
	@$(BIN)/python -m tests.bench.stream.bench_revocations $(ARGS)

bench-attribution: $(DEV) ## caps, clicks, sales and returns of simulated users, against a batch computation over their logs
	@$(BIN)/python -m tests.bench.earned.bench_attribution $(ARGS)

bench-feedback: $(DEV) ## CPU of the feedback agent per million outcome records, keys of the metric topic per hour
	@$(BIN)/python -m tests.bench.earned.bench_feedback $(ARGS)

bench-detector: $(DEV) ## recall and false triggers of the shift detector, beside a cosine threshold
	@$(BIN)/python -m tests.bench.detector.bench_detector $(ARGS)

bench-items: $(DEV) ## how often the item of a creative is one its user really takes later; ARGS="--sequences FILE"
	@$(BIN)/python -m tests.bench.items.bench_items $(ARGS)

bench-transfer: $(DEV) ## a new market's catalogue started from another's and started cold; ARGS="--sequences FILE"
	@$(BIN)/python -m tests.bench.items.bench_transfer $(ARGS)

bench-refit: $(DEV) ## CPU and memory of a catalogue version fitted on texts and a made log
	@$(BIN)/python -m tests.bench.items.bench_refit $(ARGS)

bench-evaluate: $(DEV) ## off-policy estimates: how often their intervals hold the truth, and on real logs where they are
	@$(BIN)/python -m tests.bench.choice.bench_evaluate $(ARGS)

bench-experiments: $(DEV) ## false alarms, power and broken splits of experiments, in a world whose truth is known
	@$(BIN)/python -m tests.bench.choice.bench_experiments $(ARGS)

bench-click: $(DEV) ## the click model on days it has not seen, beside base rate and arm means; what a step costs
	@$(BIN)/python -m tests.bench.choice.bench_click $(ARGS)

bench-serve: $(DEV) ## the look-up: restart over a million creatives, memory, time of an answer at 2,000 requests/s
	@$(BIN)/python -m tests.bench.edge.bench_serve $(ARGS)

bench-collect: $(DEV) ## the collector: time of an answer at 2,000 calls of trackers/s, and whether all are on the topics
	@$(BIN)/python -m tests.bench.edge.bench_collect $(ARGS)

$(OCR): $(DEV)
	@$(INSTALL_ALONE) rapidocr==3.10.0  # alone: only the recogniser's file in it is used
	@touch $@

bench-render: $(OCR) ## pictures of every slot and variant: time, weight, what is wrong with them, what a recogniser reads
	@$(BIN)/python -m tests.bench.pictures.bench_render $(ARGS)

FONTS := .shiftcast/fonts
fonts: ## Noto Sans SC (OFL, 21 MB) into .shiftcast/fonts, for pictures with Chinese text; needs npm
	@mkdir -p $(FONTS)
	@cd $(FONTS) && npm pack --silent @expo-google-fonts/noto-sans-sc@0.4.3 >/dev/null && tar xzf *.tgz --strip-components 2 --wildcards '*_400Regular.ttf' '*_700Bold.ttf' && tar xzf *.tgz --strip-components 1 package/LICENSE_FONT && rm *.tgz
	@ls $(FONTS)

$(BANDITS): $(DEV)
	@$(INSTALL_ALONE) vowpalwabbit==9.11.9  # a peer of bench-choice alone
	@touch $@

bench-intent: $(DEV) ## how well the goal of a campaign is read from its brief
	@$(BIN)/python -m tests.bench.choice.bench_intent

bench-choice: $(BANDITS) ## how well styles and templates are chosen, beside other bandits; ARGS="--arms FILE" plays real counts again
	@$(BIN)/python -m tests.bench.choice.bench_choice $(ARGS)

$(GENAI): $(DEV)
	@$(INSTALL_ALONE) onnxruntime-genai==0.18.0  # alone: its dependencies would replace files of onnxruntime-gpu
	@touch $@

$(LLAMACPP): $(DEV)
	@CMAKE_ARGS=-DLLAVA_BUILD=OFF $(INSTALL_ALONE) llama-cpp-python==0.3.36 diskcache==5.6.3
	@touch $@

llamacpp: $(LLAMACPP) ## llama.cpp as a peer of bench-copy, compiled for this machine (minutes; cmake and a C++ compiler)

bench-copy: $(GENAI) ## the copywriter: own runtime beside transformers and onnxruntime-genai, and the quality of its copy
	@GLIBC_TUNABLES=glibc.malloc.hugetlb=1 ORT_DISABLE_TELEMETRY=1 HF_HUB_OFFLINE=1 $(BIN)/python -m tests.bench.copywriter.bench_copy $(ARGS)

clean: ## stop the local broker, delete its data and the environment
	@if [ -x $(BIN)/shiftcast ]; then $(BIN)/shiftcast broker stop --wipe; fi
	@rm -rf $(VENV) .shiftcast
