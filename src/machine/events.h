/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Machine checks, INIT and PMI: what PAL saves, SAL's hand-off to the OS, the way back, and the
 * events that can be made to happen on purpose.
 *
 * Sources: SDM 2:11.3 to 2:11.5 (PAL); SAL = Itanium Processor Family System Abstraction Layer
 * Specification, chapters 4 (hand-off) and 9 (procedures), appendix B (error records).
 */
#ifndef PARAVANE_MACHINE_EVENTS_H
#define PARAVANE_MACHINE_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ia64/vcpu.h"

struct firmware;
struct fw_call;

/* What can be made to happen. */
enum machine_event {
	MACHINE_EVENT_INIT,       /* the crash dump button: INIT to every processor */
	MACHINE_EVENT_MCA_TLB,    /* a machine check: a wrong entry in the translation cache */
	MACHINE_EVENT_MCA_MEMORY, /* a machine check: memory at the stack pointer cannot be read */
	MACHINE_EVENT_MCA_FATAL,  /* a machine check that is not contained */
	MACHINE_EVENT_CMC,        /* a corrected machine check: a cache line */
	MACHINE_EVENT_PMI,        /* a platform management interrupt for SAL */
	MACHINE_NR_EVENTS,
	/* Not on demand: a translation was to overlap one in a register (ia64_tlb_insert()). */
	MACHINE_EVENT_MCA_OVERLAP = MACHINE_NR_EVENTS,
};

/* Their names, as users give them: "init", "mca-tlb" ...; false: there is no such event. */
bool machine_event_by_name(const char *name, enum machine_event *event);
const char *machine_event_name(enum machine_event event);

/* Kinds of SAL records, as SAL_GET_STATE_INFO numbers them. */
enum fw_record { FW_RECORD_MCA, FW_RECORD_INIT, FW_RECORD_CMC, FW_RECORD_CPE, FW_NR_RECORDS };

/* The largest record: what SAL_GET_STATE_INFO_SIZE says. */
#define FW_RECORD_SIZE 8192

/* The architected part of the min-state save area, in words (SDM 2:11.3.2.4, Table 11-11). */
enum {
	MIN_STATE_NAT,
	MIN_STATE_GR1,
	MIN_STATE_BANK0 = 16,
	MIN_STATE_BANK1 = 32,
	MIN_STATE_PR = 48,
	MIN_STATE_BR0,
	MIN_STATE_RSC,
	MIN_STATE_IIP,
	MIN_STATE_IPSR,
	MIN_STATE_IFS,
	MIN_STATE_XIP,
	MIN_STATE_XPSR,
	MIN_STATE_XFS,
	MIN_STATE_BR1,
	MIN_STATE_USED,
	MIN_STATE_WORDS = 128,
};
#define MIN_STATE_SIZE 4096u

/* A machine check, INIT or corrected machine check as PAL describes it. */
struct fw_error {
	enum machine_event event;
	uint64_t psp;   /* processor state parameter */
	uint64_t check; /* of the structure that failed; 0: none */
};

/* What the firmware knows of each processor; guarded by the firmware's lock. */
struct fw_cpu {
	bool parked;       /* in SAL's rendezvous of processors that the OS has not started */
	bool outside;      /* in SAL_CHECK, SAL_MC_RENDEZ, or an INIT handler of the OS */
	bool by_init;      /* outside because of an INIT */
	bool slave;        /* the INIT that is to come has its monarch elsewhere */
	uint64_t min_state; /* physical address, PAL_MC_REGISTER_MEM */
	uint64_t pmi_entry; /* PAL_PMI_ENTRYPOINT; 0: SAL's own handler, which has nothing to do */
	bool expected;      /* PAL_MC_EXPECTED */
	enum machine_event to_come; /* which machine check has been posted */
	struct fw_error last;       /* what PAL_MC_ERROR_INFO tells of */
	int64_t rendezvous_end;   /* CLOCK_MONOTONIC, ns */
	bool init_sent;           /* the rendezvous' time is up, INIT was sent to those that miss */
	uint8_t *record[FW_NR_RECORDS]; /* NULL: none; length in its header */
};

/* Any thread: makes the event happen; INIT to all processors, the others to processor `index`. */
void firmware_inject(struct firmware *fw, unsigned int index, enum machine_event event);

/* The platform's pal_event hook (ia64/vcpu.h), on the vCPU's thread. */
bool firmware_pal_event(struct firmware *fw, struct vcpu *v, enum ia64_pal_event event,
			unsigned int vector);

/* --- Inside the firmware: what its break instructions and procedures run ------------------- */

void fw_events_init(struct firmware *fw);
void fw_events_destroy(struct firmware *fw);

/* Where SAL waits for the rendezvous; where the OS returns to; where a PMI handler returns to. */
void fw_serve_check(struct fw_call *c);
void fw_serve_os_return(struct fw_call *c, bool init);
void fw_serve_pmi_return(struct fw_call *c);

/* SAL_MC_RENDEZ: waits in SAL for the wake-up vector; the call runs again till it is pending. */
int64_t fw_mc_rendezvous(struct fw_call *c);

/*
 * PAL_MC_RESUME: the processor goes on as the min-state save area at `pa` says. False: a fault was
 * delivered, as the area holds what no register takes, or it is not in memory.
 */
bool fw_resume(struct fw_call *c, uint64_t pa);

/* Length of a record, from its header. */
size_t fw_record_length(const uint8_t *record);

/*
 * Makes the record of an event (sal_record.c): of `kind`, with the processor's state unless `v` is
 * NULL. `target` is the physical address that cannot be read, 0 if none. Owned by the caller, to be
 * freed; NULL: out of memory.
 */
uint8_t *fw_record_create(struct firmware *fw, enum fw_record kind, const struct fw_error *error,
			  struct vcpu *v, unsigned int index,
			  const uint64_t min_state[MIN_STATE_WORDS], uint64_t target);

#endif
