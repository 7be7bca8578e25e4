/* SPDX-License-Identifier: MIT */
/* A file whose server does not say what is in it: fuse(4). */
#ifndef NV_FUSE_H
#define NV_FUSE_H

#include <stddef.h>
#include <sys/types.h>

/** struct nv_fuse - a file system of one file, and the process that serves it */
struct nv_fuse {
	/** @folder: where it is mounted; @server: its process */
	char folder[32];
	pid_t server;
	/** @reads: how often it was asked for what is in the file */
	volatile unsigned int *reads;
};

/** enum nv_fuse_read - what comes of reading a page of it */
enum nv_fuse_read {
	/** @NV_FUSE_KILLABLE: who does waits as for a disk, and can be killed */
	NV_FUSE_KILLABLE,
	/** @NV_FUSE_DEAF: who does can't be killed, before the server is */
	NV_FUSE_DEAF,
	/** @NV_FUSE_BROKEN: who does gets -EIO */
	NV_FUSE_BROKEN,
};

/* Mount it, and serve it.  Skips the test where there is no FUSE. */
void nv_fuse_start(struct nv_fuse *f, enum nv_fuse_read reading);

/* Its file, of at least so many bytes. */
int nv_fuse_open(const struct nv_fuse *f, size_t size);

/* The server dies; who waits for it is told so. */
void nv_fuse_end(struct nv_fuse *f);

#endif
