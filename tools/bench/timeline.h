/* SPDX-License-Identifier: MIT */
/* When the driver does what, and where: its tracepoints. */
#ifndef BENCH_TIMELINE_H
#define BENCH_TIMELINE_H

/* From here on the driver's events are kept. */
void timeline_begin(void);

/*
 * Until here.  Prints lines "timeline TAB SECONDS TAB KIND TAB FIELDS", the
 * fields hexadecimal: "fault" ADDRESS, "fill" START VRAM SIZE, "in" or "out" VRAM
 * SIZE.
 */
void timeline_end(void);

#endif
