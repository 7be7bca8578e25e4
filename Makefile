# SPDX-License-Identifier: MIT
# ./demo and ./check need no make; this is for everything else.

check:
	./check

demo:
	./demo

# Our driver and upstream's side by side: out/baseline.tsv
baseline:
	sh tests/vm/baseline.sh

# All that runs on our driver, on a kernel that looks for mistakes
debug-check:
	NVSVM_KERNEL=debug ./check igt/ igt- iommu/ opencl/

# Part of it on a kernel that looks for data races, those of ours: out/races.txt
race-check:
	./check race/

# Which lines of the driver tests run: out/coverage.tsv, out/coverage.txt
TESTS ?= igt/
coverage:
	sh tests/vm/coverage.sh $(TESTS)

# Everything at once, for an hour, or so many SECONDS, and of that SEED
SECONDS ?= 3600
SEED ?= 1
soak:
	NVSVM_SOAK=$(SECONDS) NVSVM_SEED=$(SEED) ./check soak/

# A hostile guest of the virtual GPU, so many SECONDS, a quarter for each part
libfuzzer:
	NVSVM_FUZZ_SECONDS=$$(($(SECONDS) / 4)) ./check libfuzzer/

# What both drivers cost, exactly: out/bench.tsv, Documentation/gpu/bench.rst
bench:
	sh tools/bench/run.sh

# How fast the virtual GPU's SMs are, natively
bench-sm:
	sh tests/vm/unit.sh --bench

# What ./check compares with, from its last run
bench-baseline:
	python3 tools/bench/guard.py --new out/vm/guard.tsv >out/guard.tsv
	mv out/guard.tsv tools/bench/baseline.tsv

# Documentation/gpu/upstream-defects.rst, from the last ./check or make baseline
defects:
	sh tests/vm/defects.sh table out/baseline.tsv >out/defects.rst
	mv out/defects.rst Documentation/gpu/upstream-defects.rst

# What was built: removes the cache, several GB, and all results
distclean:
	rm -rf "$${XDG_CACHE_HOME:-$$HOME/.cache}/nouveau-svm" out

.PHONY: check demo baseline debug-check race-check coverage soak bench bench-sm
.PHONY: bench-baseline defects distclean libfuzzer
