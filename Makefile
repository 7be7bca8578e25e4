# SPDX-License-Identifier: MIT
# ./demo and ./check need no make; this is for everything else.

check:
	./check

demo:
	./demo

# Our driver and upstream's side by side: out/baseline.tsv
baseline:
	sh tests/vm/baseline.sh

# What was built: removes the cache, several GB, and all results
distclean:
	rm -rf "$${XDG_CACHE_HOME:-$$HOME/.cache}/nouveau-svm" out

.PHONY: check demo baseline distclean
