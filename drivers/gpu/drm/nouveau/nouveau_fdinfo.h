/* SPDX-License-Identifier: MIT */
#ifndef __NOUVEAU_FDINFO_H__
#define __NOUVEAU_FDINFO_H__

struct drm_file;
struct drm_printer;

void nouveau_fdinfo_show(struct drm_printer *p, struct drm_file *file);

#endif
