/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machine checks, INIT and PMI: from the processor through PAL and SAL to the OS, and back. */
#include "machine/events.h"

#include <stdlib.h>
#include <string.h>

#include "ia64/alat.h"
#include "ia64/interruption.h"
#include "ia64/itc.h"
#include "ia64/rse.h"
#include "ia64/smp.h"
#include "ia64/sysreg.h"
#include "ia64/tlb.h"
#include "machine/firmware.h"

/* Physical addresses with this bit are uncacheable: so the min-state save area is named. */
#define UNCACHEABLE (1ull << 63)

/* Fields of the processor state parameter (SDM 2:11.4.2.1, Table 11-12). */
#define PSP_MN (1ull << 5)  /* a min-state save area is registered */
#define PSP_SY (1ull << 6)  /* storage is synchronized */
#define PSP_CO (1ull << 7)  /* the processor can go on */
#define PSP_CI (1ull << 8)  /* the error is isolated */
#define PSP_US (1ull << 9)  /* storage damage is not contained */
#define PSP_MI (1ull << 12) /* PAL_MC_ERROR_INFO knows more */
#define PSP_PI (1ull << 13) /* precise instruction pointer */
#define PSP_PM (1ull << 14) /* precise min-state save area */
#define PSP_IN (1ull << 16) /* INIT, not a machine check */
#define PSP_RS (1ull << 17) /* the RSE is valid */
#define PSP_CM (1ull << 18) /* the error is corrected */
#define PSP_EX (1ull << 19) /* a machine check was expected */
#define PSP_REGISTERS (0xfffull << 20) /* cr pc dr tr rr ar br pr fp b1 b0 gr: all valid */
/* What holds when the whole context was saved. */
#define PSP_SAVED (PSP_MN | PSP_SY | PSP_PI | PSP_PM | PSP_RS | PSP_REGISTERS)
#define PSP_CC (1ull << 59)
#define PSP_TC (1ull << 60)
#define PSP_BC (1ull << 61)

/* Structure errors as PAL_MC_ERROR_INFO words them (SDM 2:11.10, Tables 11-85 to 11-88). */
#define CHECK_CORRECTED (1ull << 59)
#define CHECK_TARGET (1ull << 60)
#define CHECK_PRECISE_IP (1ull << 63)
#define CACHE_CHECK_LOAD (1ull << 0)
#define CACHE_CHECK_DATA (1ull << 8 | 1ull << 10) /* the data part, of a data cache */
#define TLB_CHECK_SLOT_VALID (1ull << 8) /* bits 7:0 are a translation register */
#define TLB_CHECK_DTR (1ull << 16)
#define TLB_CHECK_ITR (1ull << 17)
#define TLB_CHECK_DTC (1ull << 18)
#define TLB_CHECK_LOAD (1ull << 20)
#define BUS_CHECK_EXTERNAL (1ull << 6)
#define BUS_CHECK_PARTIAL_READ (1ull << 8)
#define BUS_CHECK_HARD_FAIL (3ull << 24)

/* The rendezvous' result, GR11 at OS_MCA (SAL 4.8). */
enum { RENDEZVOUS_NONE = 0, RENDEZVOUS_DONE = 1, RENDEZVOUS_BY_INIT = 2, RENDEZVOUS_FAILED = -1 };

/* What the OS returns in GR8, OS_MCA's and OS_INIT's alike; all else is a reset. */
enum { OS_CORRECTED = 0, OS_HALT = -3 };

#define NAP_NS 1000000u
/* After an INIT was sent, how long SAL waits for the processor to take it. */
#define INIT_PATIENCE_NS 5000000000ll

static const char *const event_names[MACHINE_NR_EVENTS] = {
	[MACHINE_EVENT_INIT] = "init",
	[MACHINE_EVENT_MCA_TLB] = "mca-tlb",
	[MACHINE_EVENT_MCA_MEMORY] = "mca-memory",
	[MACHINE_EVENT_MCA_FATAL] = "mca-fatal",
	[MACHINE_EVENT_CMC] = "cmc",
	[MACHINE_EVENT_PMI] = "pmi",
};

bool machine_event_by_name(const char *name, enum machine_event *event)
{
	unsigned int n;

	for (n = 0; n < MACHINE_NR_EVENTS; n++) {
		if (strcmp(name, event_names[n]))
			continue;
		*event = (enum machine_event)n;
		return true;
	}
	return false;
}

const char *machine_event_name(enum machine_event event)
{
	return event_names[event];
}

static const struct {
	uint64_t psp, check;
} errors[MACHINE_NR_EVENTS + 1] = {
	[MACHINE_EVENT_INIT] = { PSP_IN | PSP_CO | PSP_CI, 0 },
	[MACHINE_EVENT_MCA_TLB] = { PSP_CO | PSP_CI | PSP_MI | PSP_TC,
				    TLB_CHECK_DTC | TLB_CHECK_LOAD | CHECK_PRECISE_IP },
	/* The registers are what they were; the instruction comes again if the context goes on. */
	[MACHINE_EVENT_MCA_OVERLAP] = { PSP_CO | PSP_CI | PSP_MI | PSP_TC,
					TLB_CHECK_SLOT_VALID | CHECK_PRECISE_IP },
	[MACHINE_EVENT_MCA_MEMORY] = { PSP_CO | PSP_CI | PSP_MI | PSP_BC,
				       BUS_CHECK_EXTERNAL | BUS_CHECK_PARTIAL_READ | CHECK_TARGET |
				       CHECK_PRECISE_IP },
	[MACHINE_EVENT_MCA_FATAL] = { PSP_US | PSP_MI | PSP_BC,
				      BUS_CHECK_EXTERNAL | BUS_CHECK_HARD_FAIL | CHECK_PRECISE_IP },
	[MACHINE_EVENT_CMC] = { PSP_CO | PSP_CI | PSP_MI | PSP_CM | PSP_CC,
				CACHE_CHECK_LOAD | CACHE_CHECK_DATA | CHECK_CORRECTED },
};

void fw_events_init(struct firmware *fw)
{
	unsigned int n;

	for (n = 0; n < fw->sys->nr_vcpus; n++)
		fw->cpu[n].min_state = FW_MIN_STATE + n * MIN_STATE_SIZE;
}

void fw_events_destroy(struct firmware *fw)
{
	unsigned int n, kind;

	for (n = 0; n < FW_MAX_VCPUS; n++)
		for (kind = 0; kind < FW_NR_RECORDS; kind++)
			free(fw->cpu[n].record[kind]);
}

static struct fw_cpu *cpu_of(struct firmware *fw, const struct vcpu *v)
{
	return &fw->cpu[v->index];
}

/* A record that the OS has not cleared makes room for the newer one. */
static void keep_record(struct firmware *fw, struct fw_cpu *cpu, enum fw_record kind,
			uint8_t *record)
{
	if (!record)
		return;
	pthread_mutex_lock(&fw->lock);
	free(cpu->record[kind]);
	cpu->record[kind] = record;
	pthread_mutex_unlock(&fw->lock);
}

/* --- what PAL does first (SDM 2:11.3.1.2) --- */

static void save_registers(struct vcpu *v, uint64_t ms[MIN_STATE_WORDS])
{
	bool bank1 = v->psr & PSR_BN;
	const uint64_t *bank[2] = { bank1 ? v->bank_gr : &v->gr[16],
				    bank1 ? &v->gr[16] : v->bank_gr };
	const uint8_t *bank_nat[2] = { bank1 ? v->bank_nat : &v->nat[16],
				       bank1 ? &v->nat[16] : v->bank_nat };
	unsigned int n;

	memset(ms, 0, MIN_STATE_WORDS * sizeof(ms[0]));
	for (n = 1; n < 16; n++) {
		ms[n] = v->gr[n];
		ms[MIN_STATE_NAT] |= (uint64_t)v->nat[n] << n;
	}
	for (n = 0; n < 16; n++) {
		ms[MIN_STATE_BANK0 + n] = bank[0][n];
		ms[MIN_STATE_BANK1 + n] = bank[1][n];
		ms[MIN_STATE_NAT] |= (uint64_t)bank_nat[0][n] << (MIN_STATE_BANK0 + n) |
				     (uint64_t)bank_nat[1][n] << (MIN_STATE_BANK1 + n);
	}
	ms[MIN_STATE_PR] = ia64_pr_get(v);
	ms[MIN_STATE_BR0] = v->br[0];
	ms[MIN_STATE_BR1] = v->br[1];
	ms[MIN_STATE_RSC] = v->ar[AR_RSC];
	ms[MIN_STATE_XIP] = v->cr[CR_IIP];
	ms[MIN_STATE_XPSR] = v->cr[CR_IPSR];
	ms[MIN_STATE_XFS] = v->cr[CR_IFS];
	ms[MIN_STATE_IIP] = v->ip;
	ms[MIN_STATE_IPSR] = v->psr | (uint64_t)v->ri << PSR_RI_SHIFT;
}

/*
 * Saves the interrupted context, frees the registers, and leaves the processor in physical mode
 * with machine checks and INITs held back. The frame goes to the dirty registers.
 */
static void save_state(struct firmware *fw, struct fw_cpu *cpu, struct vcpu *v,
		       uint64_t ms[MIN_STATE_WORDS])
{
	uint64_t ifm;

	save_registers(v, ms);
	ia64_rse_cover(v, &ifm);
	ms[MIN_STATE_IFS] = ifm | 1ull << 63;
	if (v->psr & PSR_IC) {
		v->cr[CR_IIP] = ms[MIN_STATE_IIP];
		v->cr[CR_IPSR] = ms[MIN_STATE_IPSR];
		v->cr[CR_IFS] = ms[MIN_STATE_IFS];
	}
	ia64_memory_write(fw->mem, cpu->min_state, ms, MIN_STATE_USED * sizeof(ms[0]));
	v->ar[AR_RSC] &= ~3ull;
	ia64_set_psr(v, PSR_MC);
	ia64_alat_flush(v);
	v->op = NULL;
	v->code_stale = true;
}

static void go_to(struct vcpu *v, uint64_t ip)
{
	v->branch_from = v->ip;
	v->branch_to = ip;
	v->ip = ip;
	v->ri = 0;
}

static void set_gr(struct vcpu *v, unsigned int n, uint64_t val)
{
	v->gr[n] = val;
	v->nat[n] = 0;
}

/* SAL's hand-off to OS_MCA or OS_INIT (SAL 4.8 and 4.9); bank 0 is in. */
static void hand_over(struct fw_cpu *cpu, struct vcpu *v, const struct fw_handler *handler,
		      int64_t result, uint64_t back)
{
	set_gr(v, 1, handler->gp);
	set_gr(v, 8, FW_PAL_PROC);
	set_gr(v, 9, FW_SAL_PROC);
	set_gr(v, 10, 0); /* SAL's gp */
	set_gr(v, 11, (uint64_t)result);
	set_gr(v, 12, back);
	set_gr(v, 17, cpu->min_state | UNCACHEABLE);
	set_gr(v, 18, cpu->last.psp);
	go_to(v, handler->ip);
}

/* What PAL says of an event; the bits of `psp` and `check` are those that the case adds. */
static void describe(struct firmware *fw, struct fw_cpu *cpu, enum machine_event event,
		     uint64_t psp, uint64_t check)
{
	pthread_mutex_lock(&fw->lock);
	cpu->last.event = event;
	cpu->last.psp = errors[event].psp | psp;
	cpu->last.check = errors[event].check | check;
	pthread_mutex_unlock(&fw->lock);
}

/* --- INIT --- */

static bool start_init(struct firmware *fw, struct vcpu *v)
{
	struct fw_cpu *cpu = cpu_of(fw, v);
	struct fw_handler handler;
	uint64_t ms[MIN_STATE_WORDS];
	bool parked;

	pthread_mutex_lock(&fw->lock);
	parked = cpu->parked;
	handler = fw->os_init[cpu->slave && fw->os_init[FW_INIT_SLAVE].ip ? FW_INIT_SLAVE
									  : FW_INIT_MONARCH];
	cpu->slave = false;
	if (!parked)
		cpu->outside = cpu->by_init = true;
	pthread_mutex_unlock(&fw->lock);
	if (parked)
		return false;
	if (!handler.ip) {
		/* Without a handler of the OS SAL starts the machine anew. */
		fw->request(fw->ctx, PM_REQUEST_RESET);
		return false;
	}
	save_state(fw, cpu, v, ms);
	describe(fw, cpu, MACHINE_EVENT_INIT, PSP_SAVED, 0);
	keep_record(fw, cpu, FW_RECORD_INIT,
		    fw_record_create(fw, FW_RECORD_INIT, &cpu->last, v, v->index, ms, 0));
	hand_over(cpu, v, &handler, 0, FW_INIT_RETURN);
	return true;
}

/* --- machine checks --- */

/* The page that cannot be read: what the stack pointer points to, else the code itself. */
static uint64_t failing_address(struct vcpu *v)
{
	uint64_t pa;

	if (ia64_translate_quiet(v, v->gr[12], false, &pa) ||
	    ia64_translate_quiet(v, v->ip, true, &pa))
		return pa & ~127ull;
	return 0;
}

/* Asks the other processors to come to SAL (SAL 4.7); the lock is held. */
static void call_rendezvous(struct firmware *fw, struct fw_cpu *self)
{
	unsigned int n;

	self->init_sent = false;
	self->rendezvous_end = (int64_t)ia64_host_ns() + fw->rendez_timeout_ms * 1000000ll;
	if (!fw->rendez_vector)
		return;
	for (n = 0; n < fw->sys->nr_vcpus; n++)
		if (&fw->cpu[n] != self && !fw->cpu[n].parked && !fw->cpu[n].outside)
			ia64_post_interrupt(fw->sys->vcpus[n], fw->rendez_vector);
}

/* Nobody takes the machine check. */
static bool crash(struct vcpu *v, enum machine_event event)
{
	if (event == MACHINE_EVENT_MCA_OVERLAP)
		ia64_overlap_crash(v, ", and the OS has no handler for it");
	else
		ia64_crash(v, "machine check (%s) while the OS has no handler for it",
			   event_names[event]);
	return true;
}

static bool start_mca(struct firmware *fw, struct vcpu *v)
{
	const struct ia64_tr_overlap *overlap = &v->tr_overlap;
	struct fw_cpu *cpu = cpu_of(fw, v);
	uint64_t ms[MIN_STATE_WORDS], target = 0, check = 0;
	enum machine_event event;
	bool parked, registered;

	pthread_mutex_lock(&fw->lock);
	parked = cpu->parked;
	registered = fw->os_mca.ip != 0;
	event = overlap->pending ? MACHINE_EVENT_MCA_OVERLAP : cpu->to_come;
	cpu->outside = !parked;
	pthread_mutex_unlock(&fw->lock);
	if (parked)
		return false;
	v->tr_overlap.pending = false;
	if (!registered)
		return crash(v, event);
	if (event == MACHINE_EVENT_MCA_MEMORY)
		target = failing_address(v);
	if (event == MACHINE_EVENT_MCA_OVERLAP)
		check = overlap->slot | (overlap->instruction ? TLB_CHECK_ITR : TLB_CHECK_DTR);
	save_state(fw, cpu, v, ms);
	describe(fw, cpu, event, PSP_SAVED | (cpu->expected ? PSP_EX : 0), check);
	keep_record(fw, cpu, FW_RECORD_MCA,
		    fw_record_create(fw, FW_RECORD_MCA, &cpu->last, v, v->index, ms, target));
	pthread_mutex_lock(&fw->lock);
	cpu->by_init = false;
	call_rendezvous(fw, cpu);
	pthread_mutex_unlock(&fw->lock);
	go_to(v, FW_SAL_CHECK);
	return true;
}

/* How the rendezvous stands, the lock is held. *result is set when it is over. */
static bool rendezvous_over(struct firmware *fw, struct fw_cpu *self, int64_t *result)
{
	bool all = true, by_init = false;
	unsigned int n;

	*result = RENDEZVOUS_NONE;
	if (!fw->rendez_vector)
		return true;
	for (n = 0; n < fw->sys->nr_vcpus; n++) {
		if (&fw->cpu[n] == self || fw->cpu[n].parked)
			continue;
		all &= fw->cpu[n].outside;
		by_init |= fw->cpu[n].outside && fw->cpu[n].by_init;
	}
	*result = by_init ? RENDEZVOUS_BY_INIT : RENDEZVOUS_DONE;
	if (all || (int64_t)ia64_host_ns() < self->rendezvous_end)
		return all;
	*result = RENDEZVOUS_FAILED;
	if (self->init_sent)
		return true;
	self->init_sent = true;
	self->rendezvous_end = (int64_t)ia64_host_ns() + INIT_PATIENCE_NS;
	for (n = 0; n < fw->sys->nr_vcpus; n++) {
		if (fw->cpu[n].parked || fw->cpu[n].outside)
			continue;
		fw->cpu[n].slave = true;
		ia64_post_init(fw->sys->vcpus[n]);
	}
	return false;
}

void fw_serve_check(struct fw_call *c)
{
	struct firmware *fw = c->fw;
	struct fw_cpu *cpu = cpu_of(fw, c->v);
	struct fw_handler handler;
	int64_t result;
	bool over;

	pthread_mutex_lock(&fw->lock);
	over = rendezvous_over(fw, cpu, &result);
	handler = fw->os_mca;
	pthread_mutex_unlock(&fw->lock);
	if (over)
		hand_over(cpu, c->v, &handler, result, FW_MCA_RETURN);
	else
		ia64_nap(c->v, NAP_NS);
}

int64_t fw_mc_rendezvous(struct fw_call *c)
{
	struct firmware *fw = c->fw;
	struct fw_cpu *cpu = cpu_of(fw, c->v);
	uint64_t bit;
	unsigned int word;
	bool woken;

	if (!fw->wakeup_vector)
		return -3; /* nothing could end the wait */
	pthread_mutex_lock(&fw->lock);
	word = fw->wakeup_vector / 64;
	bit = 1ull << fw->wakeup_vector % 64;
	woken = atomic_load(&c->v->irr[word]) & bit;
	cpu->outside = !woken;
	cpu->by_init = false;
	pthread_mutex_unlock(&fw->lock);
	if (woken) {
		/* Taken as if SAL had read cr.ivr and written cr.eoi. */
		atomic_fetch_and(&c->v->irr[word], ~bit);
		return 0;
	}
	c->again = true;
	ia64_nap(c->v, NAP_NS);
	return 0;
}

/* --- the way back --- */

bool fw_resume(struct fw_call *c, uint64_t pa)
{
	struct vcpu *v = c->v;
	uint64_t ms[MIN_STATE_WORDS], xip, xpsr, xfs;
	unsigned int n;

	pa &= ~UNCACHEABLE;
	if (pa & 511 || !ia64_memory_is_ram(c->fw->mem, pa & ~4095ull, MIN_STATE_SIZE) ||
	    !ia64_memory_read(c->fw->mem, pa, ms, MIN_STATE_USED * sizeof(ms[0]))) {
		ia64_illegal_operation(v);
		return false;
	}
	ia64_set_psr(v, PSR_MC);
	/* Through the checks that a mov to the register makes. */
	if (!ia64_cr_write(v, CR_IPSR, ms[MIN_STATE_XPSR]) ||
	    !ia64_cr_write(v, CR_IIP, ms[MIN_STATE_XIP]) ||
	    !ia64_cr_write(v, CR_IFS, ms[MIN_STATE_XFS]))
		return false;
	xpsr = v->cr[CR_IPSR];
	xip = v->cr[CR_IIP];
	xfs = v->cr[CR_IFS];
	if (!ia64_cr_write(v, CR_IPSR, ms[MIN_STATE_IPSR]) ||
	    !ia64_cr_write(v, CR_IIP, ms[MIN_STATE_IIP]) ||
	    !ia64_cr_write(v, CR_IFS, ms[MIN_STATE_IFS]) ||
	    !ia64_rse_ar_write(v, AR_RSC, ms[MIN_STATE_RSC]))
		return false;
	for (n = 1; n < 16; n++) {
		v->gr[n] = ms[n];
		v->nat[n] = ms[MIN_STATE_NAT] >> n & 1;
	}
	for (n = 0; n < 16; n++) {
		v->gr[16 + n] = ms[MIN_STATE_BANK0 + n];
		v->nat[16 + n] = ms[MIN_STATE_NAT] >> (MIN_STATE_BANK0 + n) & 1;
		v->bank_gr[n] = ms[MIN_STATE_BANK1 + n];
		v->bank_nat[n] = ms[MIN_STATE_NAT] >> (MIN_STATE_BANK1 + n) & 1;
	}
	v->nat_any |= ms[MIN_STATE_NAT] != 0;
	ia64_pr_set(v, ms[MIN_STATE_PR], ~0ull);
	v->br[0] = ms[MIN_STATE_BR0];
	v->br[1] = ms[MIN_STATE_BR1];
	ia64_alat_flush(v);
	ia64_rfi(v);
	v->cr[CR_IPSR] = xpsr;
	v->cr[CR_IIP] = xip;
	v->cr[CR_IFS] = xfs;
	return true;
}

void fw_serve_os_return(struct fw_call *c, bool init)
{
	struct fw_cpu *cpu = cpu_of(c->fw, c->v);
	int64_t status = (int64_t)c->v->gr[8];
	uint64_t area;

	if (status != OS_CORRECTED) {
		/* The processor stays here until the machine has stopped. */
		c->fw->request(c->fw->ctx, status == OS_HALT && !init ? PM_REQUEST_POWEROFF
								      : PM_REQUEST_RESET);
		return;
	}
	/* GR10: the same context, or a new one whose area GR22 points to. */
	area = c->v->gr[10] ? c->v->gr[22] : cpu->min_state;
	pthread_mutex_lock(&c->fw->lock);
	cpu->outside = cpu->by_init = false;
	pthread_mutex_unlock(&c->fw->lock);
	fw_resume(c, area);
}

/* --- PMI (SDM 2:11.5) --- */

/* PAL keeps what SAL's handler may use in registers of bank 0. */
enum { PMI_VECTOR = 24, PMI_MIN_STATE, PMI_RSC, PMI_BR0, PMI_BR1, PMI_PR };

static bool start_pmi(struct firmware *fw, struct vcpu *v, unsigned int vector)
{
	struct fw_cpu *cpu = cpu_of(fw, v);
	uint64_t ipsr = v->psr | (uint64_t)v->ri << PSR_RI_SHIFT, entry;

	pthread_mutex_lock(&fw->lock);
	entry = cpu->pmi_entry;
	pthread_mutex_unlock(&fw->lock);
	/* Vectors from 4 on are PAL's own, and it has no use for them. */
	if (!entry || vector > 3)
		return false;
	v->cr[CR_IIP] = v->ip;
	v->cr[CR_IPSR] = ipsr;
	v->cr[CR_IFS] = 0;
	ia64_set_psr(v, v->psr & PSR_MC);
	set_gr(v, PMI_VECTOR, vector);
	set_gr(v, PMI_MIN_STATE, cpu->min_state | UNCACHEABLE);
	set_gr(v, PMI_RSC, v->ar[AR_RSC]);
	set_gr(v, PMI_BR0, v->br[0]);
	set_gr(v, PMI_BR1, v->br[1]);
	set_gr(v, PMI_PR, ia64_pr_get(v));
	v->ar[AR_RSC] &= ~3ull;
	v->br[0] = FW_PMI_RETURN;
	v->op = NULL;
	v->code_stale = true;
	go_to(v, entry);
	return true;
}

void fw_serve_pmi_return(struct fw_call *c)
{
	struct vcpu *v = c->v;

	ia64_set_psr(v, v->psr & PSR_MC);
	if (!ia64_rse_ar_write(v, AR_RSC, v->gr[PMI_RSC]))
		return;
	v->br[0] = v->gr[PMI_BR0];
	v->br[1] = v->gr[PMI_BR1];
	ia64_pr_set(v, v->gr[PMI_PR], ~0ull);
	ia64_rfi(v);
}

/* --- where they come from --- */

bool firmware_pal_event(struct firmware *fw, struct vcpu *v, enum ia64_pal_event event,
			unsigned int vector)
{
	switch (event) {
	case IA64_EVENT_MCA:
		return start_mca(fw, v);
	case IA64_EVENT_INIT:
		return start_init(fw, v);
	case IA64_EVENT_PMI:
		return start_pmi(fw, v, vector);
	}
	return false;
}

/* The first processor the OS has gets the monarch's INIT, the others a slave's. */
static void init_all(struct firmware *fw)
{
	bool have_monarch = false;
	unsigned int n;

	pthread_mutex_lock(&fw->lock);
	for (n = 0; n < fw->sys->nr_vcpus; n++) {
		if (fw->cpu[n].parked)
			continue;
		fw->cpu[n].slave = have_monarch;
		have_monarch = true;
		ia64_post_init(fw->sys->vcpus[n]);
	}
	pthread_mutex_unlock(&fw->lock);
}

static void corrected(struct firmware *fw, unsigned int index)
{
	struct fw_cpu *cpu = &fw->cpu[index];
	struct fw_error error = {
		.event = MACHINE_EVENT_CMC,
		.psp = errors[MACHINE_EVENT_CMC].psp,
		.check = errors[MACHINE_EVENT_CMC].check,
	};

	keep_record(fw, cpu, FW_RECORD_CMC,
		    fw_record_create(fw, FW_RECORD_CMC, &error, NULL, index, NULL, 0));
	pthread_mutex_lock(&fw->lock);
	if (!cpu->outside) /* else what is being served stays the last */
		cpu->last = error;
	pthread_mutex_unlock(&fw->lock);
	ia64_post_cmc(fw->sys->vcpus[index]);
}

void firmware_inject(struct firmware *fw, unsigned int index, enum machine_event event)
{
	struct vcpu *v = fw->sys->vcpus[index];

	switch (event) {
	case MACHINE_EVENT_INIT:
		init_all(fw);
		break;
	case MACHINE_EVENT_PMI:
		ia64_post_pmi(v, 1);
		break;
	case MACHINE_EVENT_CMC:
		corrected(fw, index);
		break;
	default:
		pthread_mutex_lock(&fw->lock);
		fw->cpu[index].to_come = event;
		pthread_mutex_unlock(&fw->lock);
		ia64_post_mca(v);
		break;
	}
}
