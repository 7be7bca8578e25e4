/* SPDX-License-Identifier: MIT */
/* How much memory a workload takes. */
#ifndef BENCH_MEMORY_H
#define BENCH_MEMORY_H

void memory_begin(void);
/* Says figures ram_bytes, vram_bytes and rss_peak_bytes. */
void memory_end(void);

#endif
