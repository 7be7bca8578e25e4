/* SPDX-License-Identifier: MIT */
/* What root can do to a GPU and its driver, by sysfs and the module tools. */
#ifndef NV_SYSTEM_H
#define NV_SYSTEM_H

#include <stdbool.h>

/* Suspend to RAM, and wake up some seconds later; 0 or -errno. */
int nv_suspend(void);

/* Suspend to disk, reboot, and go on here; 0 or -errno. */
int nv_hibernate(void);

/* Load nouveau with options, unload it.  0, or the tool's exit status. */
int nv_module_load(const char *options);
int nv_module_unload(void);

/* PCI name of nouveau's first device; skips the test if there is none. */
void nv_pci_name(char name[16]);

/* Take the device from nouveau, give it back; 0 or -errno. */
int nv_unbind(const char *name);
int nv_bind(const char *name);

/* Let an idle GPU sleep after so many ms. */
void nv_runtime_delay(const char *name, unsigned int ms);
/* Wait until it sleeps, or is awake. */
bool nv_runtime_becomes(const char *name, const char *status,
			unsigned int seconds);

#endif
