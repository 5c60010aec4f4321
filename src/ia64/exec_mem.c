/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads, stores, semaphores and line operations of general registers (unit M; SDM 3:2). */
#include "ia64/exec.h"

#include "ia64/alat.h"
#include "ia64/host_atomic.h"
#include "ia64/journal.h"

/* ---- ordering (SDM 1:4.4.7, 2:4.4.7): host fences, none of which costs anything on x86-64 ---- */

static inline void acquire(void)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
}

static inline void release(void)
{
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

EXEC(MF)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return op + 1;
}

/* Forms without, with register and with immediate update, of a function body(v, op, update). */
#define EXEC_UPDATES(name, body, ...) \
	EXEC(name) { return body(v, op, UPDATE_NONE, ##__VA_ARGS__); } \
	EXEC(name##_R) { return body(v, op, UPDATE_R, ##__VA_ARGS__); } \
	EXEC(name##_I) { return body(v, op, UPDATE_I, ##__VA_ARGS__); }

/* ---- plain loads, and fills, which take a NaT from ar.unat ---- */

static inline __attribute__((always_inline)) const struct ia64_insn_op *
load(struct vcpu *v, const struct ia64_insn_op *op, enum update update, unsigned int size,
     bool fill)
{
	struct gr_ref r3 = gr(v, op->insn.r3);
	uint64_t base = *r3.val, val;

	CHECK_TARGET(op->insn.r1);
	if (update != UPDATE_NONE)
		CHECK_TARGET(op->insn.r3);
	CHECK_NAT(*r3.nat, ISR_R);
	if (unlikely(ia64_load(v, base, size, &val) != IA64_XLATE_OK))
		return NULL;
	update_base(v, op, update, base, 0);
	gr_write(v, op->insn.r1, val, fill ? v->ar[AR_UNAT] >> (base >> 3 & 63) & 1 : 0);
	return op + 1;
}

EXEC_UPDATES(LD1, load, 1, false)
EXEC_UPDATES(LD2, load, 2, false)
EXEC_UPDATES(LD4, load, 4, false)
EXEC_UPDATES(LD8, load, 8, false)

EXEC_UPDATES(LD8_FILL, load, 8, true)

/* ---- the other types of load ---- */

/* A register as the ALAT names it, see alat.h. r16-r31 are others when the other bank is in. */
static unsigned int alat_gr(const struct vcpu *v, unsigned int r)
{
	if (r >= 32)
		return IA64_ALAT_STACKED + gr_stacked(v, r);
	return r >= 16 && !(v->psr & PSR_BN) ? r + IA64_ALAT_BANK_0 : r;
}

static enum ia64_xlate load_any(struct vcpu *v, uint64_t va, unsigned int size, unsigned int access,
				uint64_t *val)
{
	if (ia64_fast_ptr(v->view->rd, va, size))
		return ia64_load(v, va, size, val);
	return ia64_load_slow(v, va, size, access, val);
}

static const struct ia64_insn_op *load_typed(struct vcpu *v, const struct ia64_insn_op *op,
					     enum update update)
{
	struct gr_ref r3 = gr(v, op->insn.r3);
	unsigned int type = op->insn.x, size = op->insn.y, alat = alat_gr(v, op->insn.r1);
	bool speculative = type == LD_S || type == LD_SA;
	bool advanced = type == LD_A || type == LD_SA;
	bool check = type == LD_C_CLR || type == LD_C_NC || type == LD_C_CLR_ACQ;
	bool ordered = type == LD_ACQ || type == LD_C_CLR_ACQ;
	unsigned int access = IA64_ACCESS_READ | (speculative ? IA64_ACCESS_SPEC : 0) |
			      (advanced ? IA64_ACCESS_ADVANCED : 0) |
			      (ordered ? IA64_ACCESS_ORDERED : 0);
	uint64_t base = *r3.val, val = 0;
	uint8_t base_nat = *r3.nat;
	enum ia64_xlate done;

	CHECK_TARGET(op->insn.r1);
	if (update != UPDATE_NONE)
		CHECK_TARGET(op->insn.r3);
	if (!speculative)
		CHECK_NAT(base_nat, ISR_R);
	if (check && ia64_alat_hit(v, false, alat)) {
		if (type != LD_C_NC)
			ia64_alat_remove(v, false, alat);
		if (ordered)
			acquire();
		update_base(v, op, update, base, base_nat);
		return op + 1;
	}
	/* psr.ed has a speculative load defer whatever it would find (SDM 2:5.5.5). */
	if (base_nat || (speculative && (v->psr & PSR_ED)))
		done = IA64_XLATE_DEFER;
	else
		done = load_any(v, base, size, access, &val);
	if (done == IA64_XLATE_FAULT)
		return NULL;
	if (ordered)
		acquire();
	if ((advanced || type == LD_C_NC) && done == IA64_XLATE_OK)
		ia64_alat_insert(v, false, alat, base, size, &val);
	else if (advanced || check)
		ia64_alat_remove(v, false, alat);
	update_base(v, op, update, base, base_nat);
	gr_write(v, op->insn.r1, val, done == IA64_XLATE_DEFER);
	return op + 1;
}

EXEC_UPDATES(LDX, load_typed)

/* Values in memory order to register form and back: swapped while psr.be is on. */
static uint64_t swap_if_be(const struct vcpu *v, uint64_t val, unsigned int size)
{
	return v->psr & PSR_BE ? __builtin_bswap64(val) >> (64 - 8 * size) : val;
}

EXEC(LD16)
{
	struct gr_ref r3 = gr(v, op->insn.r3);
	uint64_t base = *r3.val, val[2];
	const void *p;

	CHECK_TARGET(op->insn.r1);
	CHECK_NAT(*r3.nat, ISR_R);
	p = ia64_fast_ptr(v->view->rd, base, 16);
	if (p)
		host_load16(p, val);
	else if (ia64_load_bytes(v, base, 16, IA64_ACCESS_READ | IA64_ACCESS_ORDERED, val) !=
		 IA64_XLATE_OK)
		return NULL;
	if (op->insn.x == LD_ACQ)
		acquire();
	gr_write(v, op->insn.r1, swap_if_be(v, val[0], 8), 0);
	v->ar[AR_CSD] = swap_if_be(v, val[1], 8);
	return op + 1;
}

/* ---- stores ---- */

static inline __attribute__((always_inline)) const struct ia64_insn_op *
store(struct vcpu *v, const struct ia64_insn_op *op, enum update update, unsigned int size)
{
	struct gr_ref r2 = gr(v, op->insn.r2), r3 = gr(v, op->insn.r3);
	uint64_t base = *r3.val;

	if (update != UPDATE_NONE)
		CHECK_TARGET(op->insn.r3);
	CHECK_NAT(*r3.nat | *r2.nat, ISR_W);
	if (unlikely(ia64_store(v, base, size, *r2.val) != IA64_XLATE_OK))
		return NULL;
	update_base(v, op, update, base, 0);
	return op + 1;
}

#define EXEC_STORES(name, body, ...) \
	EXEC(name) { return body(v, op, UPDATE_NONE, ##__VA_ARGS__); } \
	EXEC(name##_I) { return body(v, op, UPDATE_I, ##__VA_ARGS__); }

EXEC_STORES(ST1, store, 1)
EXEC_STORES(ST2, store, 2)
EXEC_STORES(ST4, store, 4)
EXEC_STORES(ST8, store, 8)

static inline const struct ia64_insn_op *store_spill(struct vcpu *v, const struct ia64_insn_op *op,
						     enum update update)
{
	struct gr_ref r2 = gr(v, op->insn.r2), r3 = gr(v, op->insn.r3);
	uint64_t base = *r3.val, bit = 1ull << (base >> 3 & 63);
	uint8_t nat = *r2.nat;

	if (update != UPDATE_NONE)
		CHECK_TARGET(op->insn.r3);
	CHECK_NAT(*r3.nat, ISR_W);
	if (unlikely(ia64_store(v, base, 8, *r2.val) != IA64_XLATE_OK))
		return NULL;
	v->ar[AR_UNAT] = nat ? v->ar[AR_UNAT] | bit : v->ar[AR_UNAT] & ~bit;
	update_base(v, op, update, base, 0);
	return op + 1;
}

EXEC_STORES(ST8_SPILL, store_spill)

static const struct ia64_insn_op *store_release(struct vcpu *v, const struct ia64_insn_op *op,
						enum update update)
{
	struct gr_ref r2 = gr(v, op->insn.r2), r3 = gr(v, op->insn.r3);
	unsigned int size = op->insn.y;
	uint64_t base = *r3.val;
	enum ia64_xlate done;

	if (update != UPDATE_NONE)
		CHECK_TARGET(op->insn.r3);
	CHECK_NAT(*r3.nat | *r2.nat, ISR_W);
	release();
	if (ia64_fast_ptr(v->view->wr, base, size))
		done = ia64_store(v, base, size, *r2.val);
	else
		done = ia64_store_slow(v, base, size, IA64_ACCESS_WRITE | IA64_ACCESS_ORDERED,
				       *r2.val);
	if (done != IA64_XLATE_OK)
		return NULL;
	update_base(v, op, update, base, 0);
	return op + 1;
}

EXEC_STORES(STX, store_release)

EXEC(ST16)
{
	struct gr_ref r2 = gr(v, op->insn.r2), r3 = gr(v, op->insn.r3);
	uint64_t val[2] = { swap_if_be(v, *r2.val, 8), swap_if_be(v, v->ar[AR_CSD], 8) };
	void *p;

	CHECK_NAT(*r3.nat | *r2.nat, ISR_W);
	if (op->insn.x)
		release();
	p = ia64_fast_ptr(v->view->wr, *r3.val, 16);
	if (p)
		host_store16(p, val);
	else if (ia64_store_bytes(v, *r3.val, 16, IA64_ACCESS_WRITE | IA64_ACCESS_ORDERED, val) !=
		 IA64_XLATE_OK)
		return NULL;
	return op + 1;
}

/* ---- semaphores (SDM 3:2 "cmpxchg", "xchg", "fetchadd", "cmp8xchg16") ---- */

/* Host pointer for a semaphore of `size` bytes, or NULL when a fault was delivered. */
static void *semaphore(struct vcpu *v, uint64_t va, unsigned int size)
{
	void *p = ia64_fast_ptr(v->view->wr, va, size);

	if (likely(p))
		return p;
	return ia64_semaphore_ptr(v, va, size, &p) == IA64_XLATE_OK ? p : NULL;
}

/* What it did, for whoever compares: in memory order. */
static inline void semaphore_done(struct vcpu *v, unsigned int size, uint64_t old, uint64_t now)
{
	if (unlikely(v->journal != NULL))
		ia64_journal_semaphore_done(v->journal, &old, &now, size);
}

/* Replaces *p by `desired` if it is *expected; *expected is then what was there. All swapped. */
static bool compare_exchange(void *p, unsigned int size, uint64_t *expected, uint64_t desired)
{
#define CAS(type) \
	do { \
		type was = (type)*expected; \
		bool done = __atomic_compare_exchange_n((type *)p, &was, (type)desired, false, \
							__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
		*expected = was; \
		return done; \
	} while (0)
	switch (size) {
	case 1:
		CAS(uint8_t);
	case 2:
		CAS(uint16_t);
	case 4:
		CAS(uint32_t);
	default:
		CAS(uint64_t);
	}
#undef CAS
}

static uint64_t load_host(const void *p, unsigned int size)
{
	switch (size) {
	case 1:
		return __atomic_load_n((const uint8_t *)p, __ATOMIC_SEQ_CST);
	case 2:
		return __atomic_load_n((const uint16_t *)p, __ATOMIC_SEQ_CST);
	case 4:
		return __atomic_load_n((const uint32_t *)p, __ATOMIC_SEQ_CST);
	default:
		return __atomic_load_n((const uint64_t *)p, __ATOMIC_SEQ_CST);
	}
}

EXEC(CMPXCHG)
{
	struct gr_ref r2 = gr(v, op->insn.r2), r3 = gr(v, op->insn.r3);
	unsigned int size = op->insn.y;
	uint64_t ccv = v->ar[AR_CCV], desired = swap_if_be(v, *r2.val, size), old;
	bool done = false;
	void *p;

	CHECK_TARGET(op->insn.r1);
	CHECK_NAT(*r3.nat | *r2.nat, ISR_R | ISR_W);
	p = semaphore(v, *r3.val, size);
	if (!p)
		return NULL;
	if (size < 8 && ccv >> 8 * size) {
		/* What is read is zero-extended and can never equal ar.ccv. */
		old = load_host(p, size);
	} else {
		old = swap_if_be(v, ccv, size);
		done = compare_exchange(p, size, &old, desired);
	}
	semaphore_done(v, size, old, done ? desired : old);
	gr_write(v, op->insn.r1, swap_if_be(v, old, size), 0);
	return op + 1;
}

EXEC(CMP8XCHG16)
{
	struct gr_ref r2 = gr(v, op->insn.r2), r3 = gr(v, op->insn.r3);
	uint64_t ccv = swap_if_be(v, v->ar[AR_CCV], 8), old[2];
	uint64_t desired[2] = { swap_if_be(v, *r2.val, 8), swap_if_be(v, v->ar[AR_CSD], 8) };
	unsigned int half = *r3.val >> 3 & 1;
	bool done = false;
	void *p;

	CHECK_TARGET(op->insn.r1);
	CHECK_NAT(*r3.nat | *r2.nat, ISR_R | ISR_W);
	p = semaphore(v, *r3.val, 8);
	if (!p)
		return NULL;
	p = (void *)((uintptr_t)p & ~(uintptr_t)15);
	host_load16(p, old);
	while (old[half] == ccv && !(done = host_cas16(p, old, desired)))
		;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (unlikely(v->journal != NULL))
		ia64_journal_semaphore_done(v->journal, old, done ? desired : old, 16);
	gr_write(v, op->insn.r1, swap_if_be(v, old[half], 8), 0);
	return op + 1;
}

EXEC(XCHG)
{
	struct gr_ref r2 = gr(v, op->insn.r2), r3 = gr(v, op->insn.r3);
	unsigned int size = op->insn.y;
	uint64_t desired = swap_if_be(v, *r2.val, size), old;
	void *p;

	CHECK_TARGET(op->insn.r1);
	CHECK_NAT(*r3.nat | *r2.nat, ISR_R | ISR_W);
	p = semaphore(v, *r3.val, size);
	if (!p)
		return NULL;
	switch (size) {
	case 1:
		old = __atomic_exchange_n((uint8_t *)p, (uint8_t)desired, __ATOMIC_SEQ_CST);
		break;
	case 2:
		old = __atomic_exchange_n((uint16_t *)p, (uint16_t)desired, __ATOMIC_SEQ_CST);
		break;
	case 4:
		old = __atomic_exchange_n((uint32_t *)p, (uint32_t)desired, __ATOMIC_SEQ_CST);
		break;
	default:
		old = __atomic_exchange_n((uint64_t *)p, desired, __ATOMIC_SEQ_CST);
		break;
	}
	semaphore_done(v, size, old, desired);
	gr_write(v, op->insn.r1, swap_if_be(v, old, size), 0);
	return op + 1;
}

EXEC(FETCHADD)
{
	struct gr_ref r3 = gr(v, op->insn.r3);
	unsigned int size = op->insn.y;
	uint64_t old;
	void *p;

	CHECK_TARGET(op->insn.r1);
	CHECK_NAT(*r3.nat, ISR_R | ISR_W);
	p = semaphore(v, *r3.val, size);
	if (!p)
		return NULL;
	if (unlikely(v->psr & PSR_BE)) {
		old = load_host(p, size);
		while (!compare_exchange(p, size, &old,
					 swap_if_be(v, swap_if_be(v, old, size) + op->insn.imm,
						    size)))
			;
		old = swap_if_be(v, old, size);
	} else if (size == 4) {
		old = __atomic_fetch_add((uint32_t *)p, (uint32_t)op->insn.imm, __ATOMIC_SEQ_CST);
	} else {
		old = __atomic_fetch_add((uint64_t *)p, op->insn.imm, __ATOMIC_SEQ_CST);
	}
	semaphore_done(v, size, swap_if_be(v, old, size),
		       swap_if_be(v, old + op->insn.imm, size));
	gr_write(v, op->insn.r1, old, 0);
	return op + 1;
}

/* ---- lfetch ---- */

/* Without .fault nothing is ever brought in, so that only the base update is left (SDM 3:2). */
static const struct ia64_insn_op *line_fetch(struct vcpu *v, const struct ia64_insn_op *op,
					     enum update update)
{
	struct gr_ref r3 = gr(v, op->insn.r3);
	uint64_t base = *r3.val;
	uint8_t nat = *r3.nat;
	struct ia64_xlate_result res;

	if (update != UPDATE_NONE)
		CHECK_TARGET(op->insn.r3);
	if ((op->insn.x & IA64_LFETCH_FAULT) && !(v->psr & PSR_ED)) {
		CHECK_NAT(nat, ISR_R | ISR_NA | 4);
		if (ia64_translate(v, base, 1, IA64_ACCESS_READ | IA64_ACCESS_NA, 4, &res) ==
		    IA64_XLATE_FAULT)
			return NULL;
	}
	update_base(v, op, update, base, nat);
	return op + 1;
}

EXEC_UPDATES(LFETCH, line_fetch)

/* ---- speculation checks and ALAT (SDM 3:2 "chk", "invala") ---- */

EXEC(CHK_S)
{
	if (likely(!*gr(v, op->insn.r2).nat))
		return op + 1;
	return ia64_branch(v, op, op_ip(v, op) + op->insn.imm);
}

EXEC(CHK_S_F)
{
	CHECK_FP(0);
	if (likely(!ia64_fr_is_natval(*fr(v, op->insn.r2))))
		return op + 1;
	return ia64_branch(v, op, op_ip(v, op) + op->insn.imm);
}

static unsigned int alat_fr(struct vcpu *v, unsigned int f)
{
	return fr(v, f) - v->fr;
}

static const struct ia64_insn_op *check_advanced(struct vcpu *v, const struct ia64_insn_op *op,
						 bool fp, unsigned int reg)
{
	if (!ia64_alat_hit(v, fp, reg))
		return ia64_branch(v, op, op_ip(v, op) + op->insn.imm);
	if (op->insn.x)
		ia64_alat_remove(v, fp, reg);
	return op + 1;
}

EXEC(CHK_A)
{
	return check_advanced(v, op, false, alat_gr(v, op->insn.r1));
}

EXEC(CHK_A_F)
{
	CHECK_FP(0);
	return check_advanced(v, op, true, alat_fr(v, op->insn.r1));
}

EXEC(INVALA)
{
	ia64_alat_flush(v);
	return op + 1;
}

EXEC(INVALA_E)
{
	ia64_alat_remove(v, false, alat_gr(v, op->insn.r1));
	return op + 1;
}

EXEC(INVALA_E_F)
{
	CHECK_FP(0);
	ia64_alat_remove(v, true, alat_fr(v, op->insn.r1));
	return op + 1;
}

/* ---- caches and ordering that nothing here needs: no write buffers, no caches ---- */

EXEC(FWB)
{
	return op + 1;
}

EXEC(MF_A)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return op + 1;
}

EXEC(SYNC_I)
{
	return op + 1;
}

/* fc, fc.i: whoever holds decoded instructions of the line forgets them (SDM 3:2 "fc"). */
#define FC_LINE 64

static const struct ia64_insn_op *flush_line(struct vcpu *v, const struct ia64_insn_op *op)
{
	struct gr_ref r3 = gr(v, op->insn.r3);
	struct ia64_xlate_result res;
	const uint8_t *p;
	uint64_t pa;

	CHECK_NAT(*r3.nat, ISR_R | ISR_NA | 1);
	p = ia64_fast_ptr(v->view->rd, *r3.val, 1);
	if (p) {
		pa = p - v->sys->mem->base;
	} else {
		if (ia64_translate(v, *r3.val, 1, IA64_ACCESS_READ | IA64_ACCESS_NA, 1, &res) !=
		    IA64_XLATE_OK)
			return NULL;
		pa = res.pa;
	}
	ia64_memory_written(v->sys->mem, pa & ~(uint64_t)(FC_LINE - 1), FC_LINE);
	return op + 1;
}

EXEC(FC)
{
	return flush_line(v, op);
}

EXEC(FC_I)
{
	return flush_line(v, op);
}
