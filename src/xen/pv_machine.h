/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process that runs one paravirtualized domain: vCPU threads, memory, console. */
#ifndef PARAVANE_XEN_PV_MACHINE_H
#define PARAVANE_XEN_PV_MACHINE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "backend/error.h"

struct pv_machine;

struct pv_config {
	const char *kernel; /* ELF image with a Xen entry point; may be gzip'ed */
	const char *initrd; /* or NULL */
	const char *append; /* or NULL */
	uint64_t memory;    /* bytes, whole megabytes */
	unsigned int vcpus; /* 1 for now */
	bool jit;           /* translate to host code; false: interpret */
	const char *console; /* chardev.h's spec; NULL: stdio */
};

enum pv_outcome { PV_POWEROFF, PV_REBOOT, PV_SUSPEND, PV_CRASH, PV_STOP };

/* Builds the domain. Returns 0 with *out for pv_machine_destroy(), or -1 with *err set. */
int pv_machine_create(struct pv_machine **out, const struct pv_config *config, struct error *err);
/* Runs it until it shuts down, crashes, or pv_machine_stop() is called. */
enum pv_outcome pv_machine_run(struct pv_machine *m);
/* Any thread. */
void pv_machine_stop(struct pv_machine *m, enum pv_outcome outcome);
/* State of the vCPU that could not go on, after PV_CRASH. */
void pv_machine_report(struct pv_machine *m, FILE *out);
/* Privileged operations by kind and place. Not while it runs. */
void pv_machine_privops(struct pv_machine *m, FILE *out);
void pv_machine_destroy(struct pv_machine *m);

#endif
