/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads and stores of floating-point registers, and moves to and from general ones (unit M). */
#include "ia64/exec.h"

#include "ia64/alat.h"

/* Each format gets its own copy of these, with the switches on it gone. */
#define SPECIALISED static inline __attribute__((always_inline))

/* ---- memory formats (SDM 1:5.3) ---- */

/* Formats beyond enum ia64_fpmem, which the typed loads use. */
enum {
	FORMAT_E = FPMEM_E,
	FORMAT_8 = FPMEM_8,
	FORMAT_S = FPMEM_S,
	FORMAT_D = FPMEM_D,
	FORMAT_FILL,
};

SPECIALISED unsigned int format_size(unsigned int format)
{
	switch (format) {
	case FORMAT_E:
		return 10;
	case FORMAT_S:
		return 4;
	case FORMAT_FILL:
		return 16;
	default:
		return 8;
	}
}

static void reverse(uint8_t *bytes, unsigned int size)
{
	uint8_t byte;
	unsigned int i;

	for (i = 0; i < size / 2; i++) {
		byte = bytes[i];
		bytes[i] = bytes[size - 1 - i];
		bytes[size - 1 - i] = byte;
	}
}

/* The register that `bytes`, in little-endian order, stand for. */
SPECIALISED struct ia64_fr from_format(unsigned int format, const uint8_t *bytes)
{
	uint64_t low = 0;
	uint32_t high = 0;
	uint16_t se = 0;

	switch (format) {
	case FORMAT_S:
		memcpy(&low, bytes, 4);
		return ia64_fr_from_single(low);
	case FORMAT_D:
		memcpy(&low, bytes, 8);
		return ia64_fr_from_double(low);
	case FORMAT_8:
		memcpy(&low, bytes, 8);
		return ia64_fr_from_sig(low);
	case FORMAT_E:
		memcpy(&low, bytes, 8);
		memcpy(&se, bytes + 8, 2);
		return ia64_fr_from_extended(low, se);
	default:
		memcpy(&low, bytes, 8);
		memcpy(&high, bytes + 8, 4);
		return ia64_fr_make(low, high);
	}
}

SPECIALISED void to_format(unsigned int format, struct ia64_fr f, uint8_t *bytes)
{
	uint64_t low = f.sig;
	uint32_t single;
	uint16_t se;

	switch (format) {
	case FORMAT_S:
		single = ia64_fr_to_single(f);
		memcpy(bytes, &single, 4);
		break;
	case FORMAT_D:
		low = ia64_fr_to_double(f);
		memcpy(bytes, &low, 8);
		break;
	case FORMAT_8:
		memcpy(bytes, &low, 8);
		break;
	case FORMAT_E:
		se = ia64_fr_to_extended_se(f);
		memcpy(bytes, &low, 8);
		memcpy(bytes + 8, &se, 2);
		break;
	default:
		memset(bytes, 0, 16);
		memcpy(bytes, &low, 8);
		memcpy(bytes + 8, &f.se, 4);
		break;
	}
}

/* ---- accesses: bytes in memory order ---- */

SPECIALISED enum ia64_xlate load_bytes(struct vcpu *v, uint64_t va, unsigned int size,
				       unsigned int access, uint8_t *bytes)
{
	const void *p = ia64_fast_ptr(v->view->rd, va, size == 10 ? 16 : size);
	enum ia64_xlate done;
	uint64_t val = 0;

	if (likely(p)) {
		memcpy(bytes, p, size);
		return IA64_XLATE_OK;
	}
	if (size == 10 || size == 16)
		return ia64_load_bytes(v, va, size, access, bytes);
	done = ia64_load_slow(v, va, size, access, &val);
	memcpy(bytes, &val, size);
	/* What was swapped into register form is swapped back for the caller. */
	if (v->psr & PSR_BE)
		reverse(bytes, size);
	return done;
}

SPECIALISED enum ia64_xlate store_bytes(struct vcpu *v, uint64_t va, unsigned int size,
					uint8_t *bytes)
{
	void *p = ia64_fast_ptr(v->view->wr, va, size == 10 ? 16 : size);
	uint64_t val = 0;

	if (likely(p)) {
		memcpy(p, bytes, size);
		return IA64_XLATE_OK;
	}
	if (size == 10 || size == 16)
		return ia64_store_bytes(v, va, size, IA64_ACCESS_WRITE, bytes);
	if (v->psr & PSR_BE)
		reverse(bytes, size);
	memcpy(&val, bytes, size);
	return ia64_store_slow(v, va, size, IA64_ACCESS_WRITE, val);
}

/* ---- loads (SDM 3:2 "ldf", "ldfp") ---- */

static unsigned int access_of(unsigned int type)
{
	return IA64_ACCESS_READ |
	       (type == LD_S || type == LD_SA ? IA64_ACCESS_SPEC : 0) |
	       (type == LD_A || type == LD_SA ? IA64_ACCESS_ADVANCED : 0);
}

/*
 * Any type of load of `size` bytes for the ALAT register f1. IA64_XLATE_NONE: a check load that
 * hit, nothing is to be written; DEFER: the targets become NaTVal.
 */
static enum ia64_xlate load_typed(struct vcpu *v, unsigned int type, const struct ia64_fr *f1,
				  uint64_t va, uint8_t va_nat, unsigned int size, uint8_t *bytes)
{
	unsigned int access = access_of(type), reg = f1 - v->fr;
	bool check = type == LD_C_CLR || type == LD_C_NC;
	enum ia64_xlate done;

	if (check && ia64_alat_hit(v, true, reg)) {
		if (type == LD_C_CLR)
			ia64_alat_remove(v, true, reg);
		return IA64_XLATE_NONE;
	}
	memset(bytes, 0, size);
	/* psr.ed has a speculative load defer whatever it would find (SDM 2:5.5.5). */
	if (va_nat || ((access & IA64_ACCESS_SPEC) && (v->psr & PSR_ED)))
		done = IA64_XLATE_DEFER;
	else
		done = load_bytes(v, va, size, access, bytes);
	if (done == IA64_XLATE_FAULT)
		return done;
	if (done == IA64_XLATE_OK && ((access & IA64_ACCESS_ADVANCED) || type == LD_C_NC))
		ia64_alat_insert(v, true, reg, va, size, bytes);
	else if (check || (access & IA64_ACCESS_ADVANCED))
		ia64_alat_remove(v, true, reg);
	/* An advanced load of memory that must not be speculated on gives zero (SDM 2:4.4.6). */
	return done == IA64_XLATE_DEFER ? done : IA64_XLATE_OK;
}

SPECIALISED const struct ia64_insn_op *load_fp(struct vcpu *v, const struct ia64_insn_op *op,
					       enum update update, unsigned int format,
					       unsigned int type)
{
	struct gr_ref r3 = gr(v, op->insn.r3);
	uint64_t base = *r3.val;
	uint8_t nat = *r3.nat, bytes[16];
	unsigned int size = format_size(format);
	struct ia64_fr *f1;
	enum ia64_xlate done;

	if (update != UPDATE_NONE)
		CHECK_TARGET(op->insn.r3);
	CHECK_FP(ISR_R);
	if (type != LD_S && type != LD_SA)
		CHECK_NAT(nat, ISR_R);
	f1 = fr(v, op->insn.r1);
	done = type == LD_PLAIN ? load_bytes(v, base, size, IA64_ACCESS_READ, bytes) :
				  load_typed(v, type, f1, base, nat, size, bytes);
	if (done == IA64_XLATE_FAULT)
		return NULL;
	if (done == IA64_XLATE_OK) {
		if (unlikely(v->psr & PSR_BE))
			reverse(bytes, size);
		*f1 = from_format(format, bytes);
	} else if (done == IA64_XLATE_DEFER) {
		*f1 = IA64_FR_NATVAL;
	}
	fp_modified(v, op);
	update_base(v, op, update, base, nat);
	return op + 1;
}

#define EXEC_LOADS(name, format, type) \
	EXEC(name) { return load_fp(v, op, UPDATE_NONE, format, type); } \
	EXEC(name##_R) { return load_fp(v, op, UPDATE_R, format, type); } \
	EXEC(name##_I) { return load_fp(v, op, UPDATE_I, format, type); }

EXEC_LOADS(LDFS, FORMAT_S, LD_PLAIN)
EXEC_LOADS(LDFD, FORMAT_D, LD_PLAIN)
EXEC_LOADS(LDF8, FORMAT_8, LD_PLAIN)
EXEC_LOADS(LDFE, FORMAT_E, LD_PLAIN)
EXEC_LOADS(LDF_FILL, FORMAT_FILL, LD_PLAIN)
EXEC_LOADS(LDFX, op->insn.y, op->insn.x)

static const struct ia64_insn_op *load_pair(struct vcpu *v, const struct ia64_insn_op *op,
					    enum update update, unsigned int format)
{
	struct gr_ref r3 = gr(v, op->insn.r3);
	uint64_t base = *r3.val;
	uint8_t nat = *r3.nat, bytes[16];
	unsigned int size = format_size(format), type = op->insn.x;
	struct ia64_fr *f1 = fr(v, op->insn.r1), *f2 = fr(v, op->insn.r2);
	enum ia64_xlate done;

	if (update != UPDATE_NONE)
		CHECK_TARGET(op->insn.r3);
	if ((op->insn.flags & INSN_LDFP_MIXED) && !((f1 - f2) & 1)) {
		ia64_illegal_operation(v);
		return NULL;
	}
	CHECK_FP(ISR_R);
	if (type != LD_S && type != LD_SA)
		CHECK_NAT(nat, ISR_R);
	done = load_typed(v, type, f1, base, nat, 2 * size, bytes);
	if (done == IA64_XLATE_FAULT)
		return NULL;
	if (done == IA64_XLATE_OK) {
		if (unlikely(v->psr & PSR_BE)) {
			reverse(bytes, size);
			reverse(bytes + size, size);
		}
		*f1 = from_format(format, bytes);
		*f2 = from_format(format, bytes + size);
	} else if (done == IA64_XLATE_DEFER) {
		*f1 = *f2 = IA64_FR_NATVAL;
	}
	fp_modified(v, op);
	update_base(v, op, update, base, nat);
	return op + 1;
}

#define EXEC_PAIRS(name, format) \
	EXEC(name) { return load_pair(v, op, UPDATE_NONE, format); } \
	EXEC(name##_I) { return load_pair(v, op, UPDATE_I, format); }

EXEC_PAIRS(LDFPS, FORMAT_S)
EXEC_PAIRS(LDFPD, FORMAT_D)
EXEC_PAIRS(LDFP8, FORMAT_8)

/* ---- stores (SDM 3:2 "stf"): only a spill can store a NaTVal ---- */

SPECIALISED const struct ia64_insn_op *store_fp(struct vcpu *v, const struct ia64_insn_op *op,
						enum update update, unsigned int format)
{
	struct gr_ref r3 = gr(v, op->insn.r3);
	uint64_t base = *r3.val;
	uint8_t bytes[16];
	unsigned int size = format_size(format);
	struct ia64_fr f2;

	if (update != UPDATE_NONE)
		CHECK_TARGET(op->insn.r3);
	CHECK_FP(ISR_W);
	f2 = *fr(v, op->insn.r2);
	CHECK_NAT(*r3.nat | (format != FORMAT_FILL && ia64_fr_is_natval(f2)), ISR_W);
	to_format(format, f2, bytes);
	if (unlikely(v->psr & PSR_BE))
		reverse(bytes, size);
	if (store_bytes(v, base, size, bytes) != IA64_XLATE_OK)
		return NULL;
	update_base(v, op, update, base, 0);
	return op + 1;
}

#define EXEC_STORES(name, format) \
	EXEC(name) { return store_fp(v, op, UPDATE_NONE, format); } \
	EXEC(name##_I) { return store_fp(v, op, UPDATE_I, format); }

EXEC_STORES(STFS, FORMAT_S)
EXEC_STORES(STFD, FORMAT_D)
EXEC_STORES(STF8, FORMAT_8)
EXEC_STORES(STFE, FORMAT_E)
EXEC_STORES(STF_SPILL, FORMAT_FILL)

/* ---- setf, getf (SDM 3:2): NaT becomes NaTVal and the other way ---- */

#define SETF(name, expr) \
	EXEC(name) \
	{ \
		struct gr_ref s = gr(v, op->insn.r2); \
		uint64_t a = *s.val; \
		CHECK_FP(0); \
		*fr(v, op->insn.r1) = *s.nat ? IA64_FR_NATVAL : (expr); \
		fp_modified(v, op); \
		return op + 1; \
	}

#define GETF(name, expr) \
	EXEC(name) \
	{ \
		struct ia64_fr f; \
		CHECK_TARGET(op->insn.r1); \
		CHECK_FP(0); \
		f = *fr(v, op->insn.r2); \
		gr_write(v, op->insn.r1, (expr), ia64_fr_is_natval(f)); \
		return op + 1; \
	}

SETF(SETF_SIG, ia64_fr_from_sig(a))
SETF(SETF_EXP, ia64_setf_exp(a))
SETF(SETF_S, ia64_fr_from_single(a))
SETF(SETF_D, ia64_fr_from_double(a))
GETF(GETF_SIG, f.sig)
GETF(GETF_EXP, ia64_getf_exp(f))
GETF(GETF_S, ia64_fr_to_single(f))
GETF(GETF_D, ia64_fr_to_double(f))
