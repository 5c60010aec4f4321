/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machine checks, INIT and PMI: the hand-off to the OS and the way back (SDM 2:11.3 to 11.5). */
#include "ia64/tlb.h"
#include "unit/firmware_fixture.h"

#define OS_MCA 0x100000ull
#define OS_INIT 0x100100ull
#define OS_SLAVE 0x100200ull
#define OS_GP 0x1234560ull
#define RENDEZ 0xe8u
#define WAKEUP 0xf0u
#define UNCACHEABLE (1ull << 63)
#define IP 0x4000123450ull
#define PSR_WAS (PSR_IC | PSR_I | PSR_DT | PSR_IT | PSR_RT | PSR_BN | PSR_AC)

static void register_handlers(struct fixture *f)
{
	assert_int_equal(SAL(f, 0x01000000, 0, OS_MCA, OS_GP), 0);
	assert_int_equal(SAL(f, 0x01000000, 1, OS_INIT, OS_GP, 0, OS_SLAVE, OS_GP), 0);
	assert_int_equal(SAL(f, 0x01000005, 1, 1, RENDEZ, 20000), 0);
	assert_int_equal(SAL(f, 0x01000005, 2, 1, WAKEUP), 0);
}

/* Something is in every register that is saved. */
static void interrupted(struct vcpu *v)
{
	unsigned int n;

	v->op = NULL;
	ia64_set_psr(v, PSR_WAS);
	for (n = 1; n < 32; n++) {
		v->gr[n] = 0x1000 + n;
		v->nat[n] = n == 5 || n == 20;
	}
	for (n = 0; n < 16; n++) {
		v->bank_gr[n] = 0x2000 + n;
		v->bank_nat[n] = n == 3;
	}
	for (n = 0; n < 8; n++)
		v->br[n] = 0x3000 + 16 * n;
	ia64_pr_set(v, 0xaaaa5555cccc3331ull, ~0ull);
	v->ar[AR_RSC] = 3;
	v->cr[CR_IIP] = 0x5550;
	v->cr[CR_IPSR] = PSR_AC;
	v->cr[CR_IFS] = 1ull << 63 | 7;
	v->ip = IP;
	v->ri = 1;
	assert_true(ia64_rse_alloc(v, 20, 12, 8));
	v->rse.stk[v->rse.bof] = 0x77;
}

static void is_interrupted(struct vcpu *v)
{
	bool nat;
	unsigned int n;

	assert_int_equal(v->psr, PSR_WAS);
	assert_int_equal(v->ip, IP);
	assert_int_equal(v->ri, 1);
	for (n = 1; n < 32; n++) {
		assert_int_equal(v->gr[n], 0x1000 + n);
		assert_int_equal(v->nat[n], n == 5 || n == 20);
	}
	for (n = 0; n < 16; n++) {
		assert_int_equal(v->bank_gr[n], 0x2000 + n);
		assert_int_equal(v->bank_nat[n], n == 3);
	}
	for (n = 0; n < 8; n++)
		assert_int_equal(v->br[n], 0x3000 + 16 * n);
	assert_int_equal(ia64_pr_get(v), 0xaaaa5555cccc3331ull);
	assert_int_equal(v->ar[AR_RSC], 3);
	assert_int_equal(v->cr[CR_IIP], 0x5550);
	assert_int_equal(v->cr[CR_IPSR], PSR_AC);
	assert_int_equal(v->cr[CR_IFS], 1ull << 63 | 7);
	assert_int_equal(v->rse.sof, 20);
	assert_int_equal(v->rse.sol, 12);
	assert_int_equal(ia64_stacked_read(v, 0, &nat), 0x77);
}

static void read_min_state(struct fixture *f, unsigned int cpu, uint64_t ms[MIN_STATE_USED])
{
	assert_true(ia64_memory_read(&f->mem, FW_MIN_STATE + cpu * MIN_STATE_SIZE, ms,
				     MIN_STATE_USED * sizeof(ms[0])));
}

static void handed_over(struct vcpu *v, uint64_t entry, uint64_t back)
{
	assert_int_equal(v->ip, entry);
	assert_int_equal(v->ri, 0);
	assert_int_equal(v->psr, PSR_MC); /* physical, bank 0, nothing gets in */
	assert_int_equal(v->gr[1], OS_GP);
	assert_int_equal(v->gr[8], FW_PAL_PROC);
	assert_int_equal(v->gr[9], FW_SAL_PROC);
	assert_int_equal(v->gr[12], back);
	assert_int_equal(v->gr[17], UNCACHEABLE | (FW_MIN_STATE + v->index * MIN_STATE_SIZE));
	assert_int_equal(v->rse.sof, 0);
	assert_int_equal(v->ar[AR_RSC] & 3, 0);
}

static void serve(struct vcpu *v)
{
	assert_true(ia64_serve_attention(v));
}

/* The OS returns: GR8 status, GR10 same or new context, GR22 the area. */
static void os_returns(struct fixture *f, struct vcpu *v, uint32_t imm, int64_t status,
		       int64_t context, uint64_t area)
{
	v->gr[8] = (uint64_t)status;
	v->gr[10] = (uint64_t)context;
	v->gr[22] = area;
	v->code_pa = FW_RUNTIME_CODE;
	assert_true(host_break(f, v, imm));
}

static void init_and_back(void **state)
{
	struct fixture *f = *state;
	struct vcpu *v = f->v;
	uint64_t ms[MIN_STATE_USED];

	register_handlers(f);
	f->fw.cpu[1].parked = true;
	interrupted(v);
	firmware_inject(&f->fw, 0, MACHINE_EVENT_INIT);
	serve(v);
	handed_over(v, OS_INIT, FW_INIT_RETURN);
	assert_int_equal(v->gr[18] >> 16 & 1, 1); /* psp.in */
	read_min_state(f, 0, ms);
	assert_int_equal(ms[1], 0x1001);
	assert_int_equal(ms[MIN_STATE_BANK0 + 2], 0x2002);
	assert_int_equal(ms[MIN_STATE_BANK1 + 2], 0x1012);
	assert_int_equal(ms[MIN_STATE_NAT], 1ull << 5 | 1ull << (16 + 3) | 1ull << (32 + 4));
	assert_int_equal(ms[MIN_STATE_PR], 0xaaaa5555cccc3331ull);
	assert_int_equal(ms[MIN_STATE_BR0], 0x3000);
	assert_int_equal(ms[MIN_STATE_RSC], 3);
	assert_int_equal(ms[MIN_STATE_IIP], IP);
	assert_int_equal(ms[MIN_STATE_IPSR], PSR_WAS | 1ull << PSR_RI_SHIFT);
	assert_int_equal(ms[MIN_STATE_IFS], 1ull << 63 | 20 | 12 << 7 | 1 << 14);
	assert_int_equal(ms[MIN_STATE_XIP], 0x5550);
	assert_int_equal(ms[MIN_STATE_XPSR], PSR_AC);
	assert_int_equal(ms[MIN_STATE_BR1], 0x3010);
	/* Another waits until the first has gone. */
	firmware_inject(&f->fw, 0, MACHINE_EVENT_INIT);
	serve(v);
	assert_int_equal(v->ip, OS_INIT);
	atomic_store(&v->init_pending, false);
	os_returns(f, v, FW_BREAK_INIT_RETURN, 0, 0, 0);
	is_interrupted(v);
	assert_int_equal(f->requests, 0);
}

/* The OS asks for a reset, or has no handler. */
static void init_resets(void **state)
{
	struct fixture *f = *state;

	f->fw.cpu[1].parked = true;
	interrupted(f->v);
	firmware_inject(&f->fw, 0, MACHINE_EVENT_INIT);
	serve(f->v);
	assert_int_equal(f->requests, 1);
	assert_int_equal(f->request, PM_REQUEST_RESET);
	ia64_set_psr(f->v, PSR_BN);
	register_handlers(f);
	interrupted(f->v);
	firmware_inject(&f->fw, 0, MACHINE_EVENT_INIT);
	serve(f->v);
	os_returns(f, f->v, FW_BREAK_INIT_RETURN, -1, 0, 0);
	assert_int_equal(f->requests, 2);
	assert_int_equal(f->request, PM_REQUEST_RESET);
}

/* The crash dump button: one monarch, the others slaves; none that the OS has not started. */
static void init_to_all(void **state)
{
	struct fixture *f = *state;
	struct vcpu *ap = f->sys->vcpus[1];

	register_handlers(f);
	interrupted(f->v);
	firmware_park(&f->fw, ap);
	firmware_inject(&f->fw, 0, MACHINE_EVENT_INIT);
	assert_false(atomic_load(&ap->init_pending));
	serve(f->v);
	os_returns(f, f->v, FW_BREAK_INIT_RETURN, 0, 0, 0);
	f->fw.cpu[1].parked = false;
	interrupted(ap);
	firmware_inject(&f->fw, 0, MACHINE_EVENT_INIT);
	serve(f->v);
	serve(ap);
	handed_over(f->v, OS_INIT, FW_INIT_RETURN);
	handed_over(ap, OS_SLAVE, FW_INIT_RETURN);
	os_returns(f, ap, FW_BREAK_INIT_RETURN, 0, 0, 0);
	is_interrupted(ap);
	/* One that a processor sends to another alone finds no monarch: it is it. */
	ia64_post_init(ap);
	serve(ap);
	handed_over(ap, OS_INIT, FW_INIT_RETURN);
}

/* psr.ic is 0: the interruption registers belong to a handler, and come back as they were. */
static void init_in_a_handler(void **state)
{
	struct fixture *f = *state;
	struct vcpu *v = f->v;

	f->fw.cpu[1].parked = true;
	register_handlers(f);
	interrupted(v);
	ia64_set_psr(v, PSR_WAS & ~(PSR_IC | PSR_BN));
	firmware_inject(&f->fw, 0, MACHINE_EVENT_INIT);
	serve(v);
	handed_over(v, OS_INIT, FW_INIT_RETURN);
	v->cr[CR_IIP] = v->cr[CR_IPSR] = v->cr[CR_IFS] = 0;
	os_returns(f, v, FW_BREAK_INIT_RETURN, 0, 0, 0);
	assert_int_equal(v->psr, PSR_WAS & ~(PSR_IC | PSR_BN));
	assert_int_equal(v->cr[CR_IIP], 0x5550);
	assert_int_equal(v->cr[CR_IPSR], PSR_AC);
	assert_int_equal(v->cr[CR_IFS], 1ull << 63 | 7);
}

/* The other processor comes to SAL, waits there until it is woken; the error has a record. */
static void machine_check(void **state)
{
	struct fixture *f = *state;
	struct vcpu *v = f->v, *other = f->sys->vcpus[1];
	uint64_t irr = 1ull << RENDEZ % 64, wake = 1ull << WAKEUP % 64, length;
	uint8_t record[FW_RECORD_SIZE];

	register_handlers(f);
	interrupted(v);
	firmware_inject(&f->fw, 0, MACHINE_EVENT_MCA_TLB);
	serve(v);
	assert_int_equal(v->ip, FW_SAL_CHECK);
	assert_int_equal(v->psr, PSR_MC);
	assert_int_equal(atomic_load(&other->irr[RENDEZ / 64]) & irr, irr);
	v->code_pa = FW_RUNTIME_CODE;
	assert_true(host_break(f, v, FW_BREAK_SAL_CHECK));
	assert_int_equal(v->ip, FW_SAL_CHECK); /* waits */

	f->v = other;
	ia64_set_psr(other, PSR_BN);
	other->rse.sof = 8;
	other->rse.stk[other->rse.bof] = 0x01000004; /* SAL_MC_RENDEZ */
	call(f, FW_SAL_PROC, FW_BREAK_SAL);
	assert_int_equal(other->ri, 0);
	assert_true(host_break(f, v, FW_BREAK_SAL_CHECK));
	handed_over(v, OS_MCA, FW_MCA_RETURN);
	assert_int_equal(v->gr[11], 1); /* all came */
	assert_int_equal(v->gr[18] >> 60 & 1, 1); /* psp.tc */
	assert_int_equal(v->gr[18] >> 16 & 1, 0);
	ia64_post_interrupt(other, WAKEUP);
	call(f, FW_SAL_PROC, FW_BREAK_SAL);
	assert_int_equal(other->ri, 1);
	assert_int_equal(other->gr[8], 0);
	assert_int_equal(atomic_load(&other->irr[WAKEUP / 64]) & wake, 0);

	f->v = v;
	assert_int_equal(SAL(f, 0x01000001, 0, 0, BUFFER), 0);
	length = v->gr[9];
	assert_in_range(length, 1000, FW_RECORD_SIZE);
	assert_true(ia64_memory_read(&f->mem, BUFFER, record, length));
	assert_int_equal(fw_record_length(record), length);
	assert_int_equal(record[10], 0); /* recoverable */
	assert_int_equal((int64_t)SAL(f, 0x01000001, 1, 0, BUFFER), -5);
	assert_int_equal(pal(f, 25, 1, 0, 0), 0); /* PAL_MC_ERROR_INFO: the state parameter */
	assert_int_equal(v->gr[9] >> 60 & 1, 1);
	assert_int_equal(SAL(f, 0x01000003, 0), 0);
	assert_int_equal((int64_t)SAL(f, 0x01000001, 0, 0, BUFFER), -5);
	v->rse.sof = 0;
	os_returns(f, v, FW_BREAK_MCA_RETURN, 0, 0, 0);
	is_interrupted(v);
}

/* A processor that does not come gets an INIT when the time is up. */
static void rendezvous_by_init(void **state)
{
	struct fixture *f = *state;
	struct vcpu *v = f->v, *other = f->sys->vcpus[1];

	register_handlers(f);
	assert_int_equal(SAL(f, 0x01000005, 1, 1, RENDEZ, 0), 0); /* at once */
	interrupted(v);
	interrupted(other);
	firmware_inject(&f->fw, 0, MACHINE_EVENT_MCA_TLB);
	serve(v);
	v->code_pa = FW_RUNTIME_CODE;
	assert_true(host_break(f, v, FW_BREAK_SAL_CHECK));
	assert_int_equal(v->ip, FW_SAL_CHECK);
	assert_true(atomic_load(&other->init_pending));
	serve(other);
	assert_int_equal(other->ip, OS_SLAVE);
	assert_true(host_break(f, v, FW_BREAK_SAL_CHECK));
	handed_over(v, OS_MCA, FW_MCA_RETURN);
	assert_int_equal(v->gr[11], 2);
}

/* The OS goes on in another context: its own area, through SAL's return or PAL_MC_RESUME. */
static void new_context(void **state)
{
	struct fixture *f = *state;
	struct vcpu *v = f->v;
	uint64_t ms[MIN_STATE_WORDS] = { 0 };

	f->fw.cpu[1].parked = true;
	register_handlers(f);
	interrupted(v);
	firmware_inject(&f->fw, 0, MACHINE_EVENT_MCA_TLB);
	serve(v);
	v->code_pa = FW_RUNTIME_CODE;
	assert_true(host_break(f, v, FW_BREAK_SAL_CHECK));
	assert_int_equal(v->gr[11], 1);
	ms[8] = 88;
	ms[MIN_STATE_IIP] = 0x7770;
	ms[MIN_STATE_IPSR] = PSR_BN | PSR_IC;
	ms[MIN_STATE_IFS] = 1ull << 63;
	assert_true(ia64_memory_write(&f->mem, BUFFER, ms, sizeof(ms)));
	os_returns(f, v, FW_BREAK_MCA_RETURN, 0, -1, BUFFER | UNCACHEABLE);
	assert_int_equal(v->ip, 0x7770);
	assert_int_equal(v->gr[8], 88);
	assert_int_equal(v->psr, PSR_BN | PSR_IC);

	ms[MIN_STATE_IIP] = 0x8880;
	assert_true(ia64_memory_write(&f->mem, BUFFER, ms, sizeof(ms)));
	ia64_set_psr(v, PSR_BN);
	v->gr[28] = 26; /* PAL_MC_RESUME */
	v->gr[29] = 0;
	v->gr[30] = BUFFER;
	v->gr[31] = 1;
	call(f, FW_PAL_PROC, FW_BREAK_PAL);
	assert_int_equal(v->ip, 0x8880);
	/* What no register takes faults, as a mov to it would. */
	ms[MIN_STATE_IPSR] |= 1ull << 50;
	assert_true(ia64_memory_write(&f->mem, BUFFER, ms, sizeof(ms)));
	ia64_set_psr(v, PSR_BN);
	v->gr[28] = 26;
	v->gr[29] = 0;
	v->gr[30] = BUFFER;
	call(f, FW_PAL_PROC, FW_BREAK_PAL);
	assert_int_equal(v->ip, v->cr[CR_IVA] + IA64_GENERAL_EXCEPTION_VECTOR);
	assert_int_equal((int64_t)pal(f, 26, 0, BUFFER + 8, 1), -2);
}

/* A hypervisor's guest never comes below its kernel's privilege level by these ways. */
static void not_for_guests(void **state)
{
	struct fixture *f = *state;
	struct vcpu *v = f->v;
	uint64_t ms[MIN_STATE_WORDS] = { [MIN_STATE_IIP] = 0x7770, [MIN_STATE_IPSR] = PSR_BN };
	uint32_t imm;

	assert_true(ia64_memory_write(&f->mem, BUFFER, ms, sizeof(ms)));
	v->pl_floor = 2;
	v->code_pa = FW_RUNTIME_CODE;
	v->gr[10] = 1;
	v->gr[22] = BUFFER;
	for (imm = FW_BREAK_SAL_CHECK; imm <= FW_BREAK_PMI_RETURN; imm++)
		assert_false(host_break(f, v, imm));
	assert_int_equal((int64_t)pal(f, 26, 0, BUFFER, 1), -1);
	assert_int_equal(v->psr, PSR_BN | PSR_IC);
}

static void machine_check_without_handler(void **state)
{
	struct fixture *f = *state;

	interrupted(f->v);
	firmware_inject(&f->fw, 0, MACHINE_EVENT_MCA_FATAL);
	assert_false(ia64_serve_attention(f->v));
	assert_int_equal(f->v->exit, IA64_EXIT_CRASH);
	assert_non_null(strstr(f->v->crash_reason, "mca-fatal"));
}

/*
 * A translation over one in a register (SDM 2:4.1.1.4): the instruction does nothing, PAL names the
 * register, and the instruction comes again when the OS goes on.
 */
static void overlap(void **state)
{
	struct fixture *f = *state;
	struct vcpu *v = f->v;
	const uint64_t va = 0x2000000000010000ull, pte = 0x4000661;
	uint64_t saved;

	register_handlers(f);
	f->fw.cpu[1].parked = true;
	ia64_set_psr(v, 0);
	v->cr[CR_IFA] = va;
	v->cr[CR_ITIR] = 16 << 2;
	assert_true(ia64_tlb_insert(v, false, 5, pte));
	interrupted(v);
	ia64_set_psr(v, PSR_WAS & ~PSR_IC);
	assert_false(ia64_tlb_insert(v, false, 6, pte));
	assert_int_equal(v->ip, IP);
	assert_false(v->dtr[6].valid);
	serve(v);
	v->code_pa = FW_RUNTIME_CODE;
	assert_true(host_break(f, v, FW_BREAK_SAL_CHECK));
	handed_over(v, OS_MCA, FW_MCA_RETURN);
	saved = v->gr[18];
	assert_int_equal(saved >> 59 & 7, 2); /* psp.tc, not cc nor bc */
	assert_int_equal(saved >> 7 & 3, 3); /* co, ci */
	assert_int_equal(pal(f, 25, 2, 0, 0), 0); /* PAL_MC_ERROR_INFO: the structure */
	assert_int_equal(v->gr[9], 5 | 1 << 8 | 1 << 16 | 1ull << 63);
	assert_int_equal(SAL(f, 0x01000001, 0, 0, BUFFER), 0);
	os_returns(f, v, FW_BREAK_MCA_RETURN, 0, 0, 0);
	assert_int_equal(v->ip, IP);
	assert_int_equal(v->ri, 1);

	/* Held back by psr.mc: left out; it is told of when psr.mc is clear. */
	ia64_set_psr(v, PSR_MC);
	assert_true(ia64_tlb_insert(v, false, -1, pte));
	assert_false(ia64_deliver_pending(v));
	ia64_set_psr(v, 0);
	serve(v);
	assert_int_equal(v->ip, FW_SAL_CHECK);
}

static void overlap_without_handler(void **state)
{
	struct fixture *f = *state;
	struct vcpu *v = f->v;

	ia64_set_psr(v, 0);
	v->cr[CR_IFA] = 0x10000;
	v->cr[CR_ITIR] = 16 << 2;
	assert_true(ia64_tlb_insert(v, true, 5, 0x4000661));
	assert_false(ia64_purge_check(v, "ptc.l", 0x14000, 12));
	assert_false(ia64_serve_attention(v));
	assert_int_equal(v->exit, IA64_EXIT_CRASH);
	assert_non_null(strstr(v->crash_reason, "ptc.l of 0x0000000000014000 overlaps itr[5]"));
}

static void corrected(void **state)
{
	struct fixture *f = *state;
	uint8_t record[FW_RECORD_SIZE];

	assert_true(ia64_cr_write(f->v, CR_CMCV, 0x1f));
	firmware_inject(&f->fw, 0, MACHINE_EVENT_CMC);
	assert_int_equal(ia64_highest_pending(f->v), 0x1f);
	assert_int_equal(SAL(f, 0x01000001, 2, 0, BUFFER), 0);
	assert_true(ia64_memory_read(&f->mem, BUFFER, record, f->v->gr[9]));
	assert_int_equal(record[10], 2); /* corrected */
}

/* PMI: only with psr.ic; PAL keeps b0, b1, pr and rsc in bank 0, where SAL's handler finds them. */
static void pmi(void **state)
{
	struct fixture *f = *state;
	struct vcpu *v = f->v;

	assert_int_equal((int64_t)pal(f, 32, 0x100080, 0, 0), -2);
	interrupted(v);
	ia64_post_pmi(v, 1);
	serve(v);
	assert_int_equal(v->ip, IP); /* nobody has registered */
	ia64_set_psr(v, PSR_BN);
	assert_int_equal(pal(f, 32, 0x100100, 0, 0), 0);
	interrupted(v);
	ia64_post_pmi(v, 9); /* PAL's own: dropped */
	ia64_post_pmi(v, 3);
	serve(v);
	assert_int_equal(v->ip, 0x100100);
	assert_int_equal(v->psr, 0);
	assert_int_equal(v->gr[24], 3);
	assert_int_equal(v->gr[27], 0x3000);
	assert_int_equal(v->br[0], FW_PMI_RETURN);
	v->br[1] = 0;
	ia64_pr_set(v, 1, ~0ull);
	v->code_pa = FW_PAL_CODE;
	assert_true(host_break(f, v, FW_BREAK_PMI_RETURN));
	assert_int_equal(v->ip, IP);
	assert_int_equal(v->ri, 1);
	assert_int_equal(v->psr, PSR_WAS);
	assert_int_equal(v->br[0], 0x3000);
	assert_int_equal(v->br[1], 0x3010);
	assert_int_equal(v->ar[AR_RSC], 3);
	assert_int_equal(ia64_pr_get(v), 0xaaaa5555cccc3331ull);
	assert_int_equal(v->gr[20], 0x1014);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(init_and_back), T(init_resets), T(init_to_all), T(init_in_a_handler),
		T(machine_check), T(rendezvous_by_init), T(new_context),
		T(not_for_guests), T(machine_check_without_handler), T(overlap),
		T(overlap_without_handler), T(corrected), T(pmi),
	};

	return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
