/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a recorded trace to x86-64 code: the pass over its instructions, and entering it. */
#include <stdlib.h>
#include <x86intrin.h>

/*
 * The longest loop whose first iteration has code of its own, so that the others begin with
 * registers.
 */
#define MAX_PEELED 128

#include "jit/x86_64/fp.h"
#include "jit/x86_64/fp_host.h"
#include "jit/x86_64/simd.h"

/* A move to one of the application registers that hold what is written, or nearly. */
static void tr_to_ar(struct tr *t, const struct ia64_insn *in)
{
	uint16_t to = V_AR + in->r3;

	if (in->r3 == AR_EC) {
		t->ec_changed = true;
		tr_flush_ec(t);
	}
	if (in->op == OP_MOV_AR_I && in->r3 == AR_EC && !t->in_run) {
		tr_home_v(t, to);
		t->s.ec_known = true;
		t->s.ec = (uint8_t)in->imm & 63;
		return;
	}
	if (in->op == OP_MOV_AR_I) {
		x86_mov_imm(&t->b, tr_def_v(t, to),
			    in->r3 == AR_EC ? (uint64_t)in->imm & 63 : (uint64_t)in->imm);
		return;
	}
	if (in->r3 == AR_PFS && t->known[tr_gr(t, in->r2)].kind != K_PFS) {
		/* Reserved fields: SDM 1:3.1.8.12. */
		x86_mov_imm(&t->b, RAX, 0x3fffull << 38 | 0xfull << 58);
		x86_test_rr(&t->b, 1, RAX, tr_use(t, in->r2));
		tr_exit_interp(t, x86_jcc(&t->b, CC_NE));
	}
	tr_move(t, to, tr_gr(t, in->r2));
	if (in->r3 == AR_EC)
		x86_alu_ri(&t->b, 0, X86_AND, tr_use_v(t, to), 63);
}

/* One instruction whose predicate has been seen to. */
static void tr_insn(struct tr *t, const struct jit_insn *i)
{
	const struct ia64_insn *in = &i->in;
	unsigned int info = jit_op_info[in->op];

	if ((info & W1) && in->op != OP_ALLOC) /* whose r1 is in the new frame */
		tr_check_frame(t, in->r1);
	if (info & W3)
		tr_check_frame(t, in->r3);
	if (tr_is_compare(in)) {
		tr_compare(t, in);
		return;
	}
	if (info & (FP | SIMD)) {
		if (!(info & FP ? fp_translate(t, i) : simd_translate(t, in)))
			t->fail = true;
		return;
	}
	if (tr_system_insn(t, in) || tr_alu(t, in) || tr_memory(t, in) || tr_mov_pr(t, in))
		return;
	switch (in->op) {
	case OP_NOP: case OP_HINT: case OP_CHK_S: case OP_SRLZ_D: case OP_FWB:
		break;
	case OP_MF: case OP_MF_A:
		x86_bytes(&t->b, "\x0f\xae\xf0", 3);
		break;
	case OP_MOV_BR:
		tr_move(t, V_BR + in->r1, tr_gr(t, in->r2));
		break;
	case OP_MOV_FROM_BR:
		tr_move(t, tr_gr(t, in->r1), V_BR + in->r2);
		break;
	case OP_MOV_FROM_IP:
		x86_mov_imm(&t->b, tr_def(t, in->r1), i->ip);
		break;
	case OP_INVALA:
		tr_invala(t);
		break;
	case OP_TNAT_Z: case OP_TNAT_Z_UNC: case OP_TNAT_Z_AND: case OP_TNAT_NZ_AND:
	case OP_TNAT_Z_OR: case OP_TNAT_NZ_OR: case OP_TNAT_Z_ORANDCM: case OP_TNAT_NZ_ORANDCM:
		tr_tnat(t, in);
		break;
	case OP_MOV_AR: case OP_MOV_AR_I:
		tr_to_ar(t, in);
		break;
	case OP_MOV_FROM_AR:
		if (in->r3 == AR_EC)
			tr_flush_ec(t);
		tr_move(t, tr_gr(t, in->r1), V_AR + in->r3);
		break;
	case OP_ALLOC:
		tr_alloc(t, in);
		break;
	default:
		t->fail = true;
		break;
	}
}

/*
 * The run of instructions from k that one predicate decides: everything they name is brought into
 * registers before the jump around them, so that both ways meet in the same state.
 */
static unsigned int predicated_run(struct tr *t, unsigned int k)
{
	const struct ia64_insn *in = &t->rec->insn[k].in;
	unsigned int qp = in->qp, n, i, j, m, nseen = 0;
	uint16_t list[4], seen[16];

	for (n = k; n < t->rec->n; n++) {
		in = &t->rec->insn[n].in;
		/* One of a sequence is executed if its beginning was. */
		if (in->qp != qp || t->seq_of[n] || (jit_op_info[in->op] & BRANCH) || in->op == OP_ALLOC ||
		    tr_support(t, &t->rec->insn[n]) != JIT_NATIVE)
			break;
		if (n > k && (jit_op_info[in->op] & PS))
			break;
		m = tr_vregs(t, in, list);
		for (i = 0; i < m; i++) {
			for (j = 0; j < nseen && seen[j] != list[i]; j++)
				;
			if (j == nseen)
				seen[nseen++] = list[i];
		}
		if (nseen > 8 && n > k)
			break;
		if ((jit_op_info[in->op] & P2) && (in->r1 == qp || in->r4 == qp)) {
			n++;
			break;
		}
	}
	return n - k;
}

static void tr_predicated(struct tr *t, unsigned int n)
{
	unsigned int first = t->k, qp = t->rec->insn[first].in.qp, i, m;
	const struct ia64_insn *in;
	uint16_t list[4];
	uint8_t *skip;

	tr_flush_predicates(t);
	tr_flush_ec(t);
	for (i = first; i < first + n; i++) {
		in = &t->rec->insn[i].in;
		if (jit_op_info[in->op] & W1)
			tr_check_frame(t, in->r1);
		if (jit_op_info[in->op] & W3)
			tr_check_frame(t, in->r3);
	}
	for (t->k = first; t->k < first + n; t->k++) {
		in = &t->rec->insn[t->k].in;
		m = tr_vregs(t, in, list);
		for (i = 0; i < m; i++)
			tr_use_v(t, list[i]);
		/* r0 as a source is a register as well */
		if (((jit_op_info[in->op] & R2) && !in->r2) || ((jit_op_info[in->op] & R3) && !in->r3))
			tr_use_v(t, 0);
		if (jit_op_info[in->op] & FP)
			fp_prepare(t, in);
	}
	t->k = first;
	in = &t->rec->insn[first].in;
	x86_cmp8_mi(&t->b, RBP, OFF_PR(qp), 0);
	if (jit_op_info[in->op] & PS) {
		/*
		 * It stands alone. Moves leave the flags, and a target that is qp was 0 if it
		 * matters.
		 */
		if (in->r1)
			x86_mov8_mi(&t->b, RBP, OFF_PR(in->r1), 0);
		if (in->r4)
			x86_mov8_mi(&t->b, RBP, OFF_PR(in->r4), 0);
	}
	skip = x86_jcc(&t->b, CC_E);
	t->in_run = true;
	for (t->k = first; t->k < first + n; t->k++) {
		in = &t->rec->insn[t->k].in;
		tr_insn(t, &t->rec->insn[t->k]);
	}
	t->in_run = false;
	fp_run_end(t);
	x86_patch(&t->b, skip, t->b.p);
	for (t->k = first; t->k < first + n; t->k++) {
		in = &t->rec->insn[t->k].in;
		m = tr_vregs(t, in, list);
		for (i = 0; i < m; i++)
			t->known[list[i]].kind = K_NOTHING;
		if (jit_op_info[in->op] & P2) {
			tr_predicates_written(t, in->r1, in->r4);
		}
	}
	t->k = first + n - 1;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void emit_attention(struct tr *t)
{
	struct stub *s;

	x86_alu_mi(&t->b, 0, X86_CMP, RBP, OFF(attention), 0);
	s = tr_new_stub(t, STUB_ATTENTION, x86_jcc(&t->b, CC_NE));
	s->retired = 0;
}

static bool is_call(const struct ia64_insn *in)
{
	return in->op == OP_BR_CALL || in->op == OP_BRL_CALL || in->op == OP_BR_CALL_IND;
}

static void emit_entry(struct tr *t, struct jit_trace *trace)
{
	struct x86_buf *b = &t->b;
	unsigned int i;
	bool calls = false;

	emit_attention(t);
	for (i = 0; i < trace->nregions; i++) {
		/* cmp dword [exec_epoch], imm32; the first entry looks whether it is good. */
		x86_rm(b, 0, 0x81, X86_CMP, RBP, OFF(exec_epoch) + 4 * trace->region[i]);
		trace->epoch[i] = IA64_NO_EPOCH;
		trace->epoch_at[i] = b->p;
		x86_imm32(b, (int32_t)IA64_NO_EPOCH);
		tr_new_stub(t, STUB_REVALIDATE, x86_jcc(b, CC_NE));
	}
	for (i = 0; i < t->rec->n; i++)
		calls |= is_call(&t->rec->insn[i].in);
	if (!calls)
		return;
	/* Room above for the frames of the calls inside. */
	x86_alu_mi(b, 0, X86_CMP, RBP, OFF_RSE(bof), JIT_MAX_BOF);
	tr_exit_interp(t, x86_jcc(b, CC_G));
}

/*
 * The end of an iteration: all that is not in registers. Whoever wants attention gets it at the
 * head.
 */
static void emit_iteration_end(struct tr *t)
{
	struct x86_buf *b = &t->b;
	struct jit_exit *e;

	if (t->s.known && t->s.frame_stale) {
		x86_mov8_mi(b, RBP, OFF_RSE(sof), t->s.sof);
		x86_mov8_mi(b, RBP, OFF_RSE(sol), t->s.sol);
		t->s.frame_stale = false;
	}
	tr_count_retired(t, (int)(t->rec->n - t->counted));
	t->counted = t->rec->n;
	e = tr_new_exit(t, t->rec->head, t->rec->insn[t->rec->n - 1].ip, t->rec->ctx);
	x86_mov_mi(b, 0, RBP, OFF(jit_exit), (int32_t)(e - t->jit->exit));
	emit_attention(t);
}

/* To the top of the loop, with everything where it was there. */
static void emit_loop_end(struct tr *t)
{
	struct x86_buf *b = &t->b;
	unsigned int i;
	uint8_t *at;

	fp_loop_end(t);
	for (i = 0; i < X86_NR_REGS; i++)
		if ((t->s.dirty >> i & 1) &&
		    (t->top.vreg[i] != t->s.vreg[i] || !(t->top.dirty >> i & 1)))
			tr_store_home(b, t->s.vreg[i], i);
	for (i = 0; i < X86_NR_REGS; i++) {
		if (t->top.vreg[i] == V_NONE || t->top.vreg[i] == t->s.vreg[i])
			continue;
		tr_load_home(b, t->top.vreg[i], i);
	}
	at = x86_jmp(b);
	x86_patch(b, at, t->loop_top);
}

/* Does the trace come back to where it begins, in the same context? */
static bool is_loop(const struct jit_record *rec)
{
	return rec->end == rec->head && rec->end_ctx == rec->ctx &&
	       rec->insn[rec->n - 1].taken;
}

static void begin_pass(struct tr *t)
{
	memset(t->known, 0, sizeof(t->known));
	t->ncalls = t->call_depth = t->counted = 0;
	t->sof_checked = 0;
	t->ec_changed = t->in_run = false;
	tr_pages_forget(t);
	t->k = 0;
	t->ctx = t->rec->ctx;
}

/* After the first iteration: the loop begins here, with registers as they are now. */
static void begin_loop(struct tr *t)
{
	/* An unknown frame is the same at the top. */
	uint8_t checked = t->s.known ? 0 : t->sof_checked;
	unsigned int i;

	memset(&t->top, 0, sizeof(t->top));
	fp_top(t);
	memcpy(t->top.vreg, t->s.vreg, sizeof(t->top.vreg));
	t->top.dirty = t->s.dirty;
	for (i = 0; i < X86_NR_REGS; i++)
		if (t->s.vreg[i] == V_NONE)
			t->top.dirty &= (uint16_t)~(1u << i);
	t->loop_top = t->b.p;
	t->s = t->top;
	begin_pass(t);
	t->sof_checked = checked;
}

/* True: the trace is a loop, whose second iteration comes now. */
static bool emit_end(struct tr *t)
{
	struct jit_record *rec = t->rec;
	const struct jit_insn *last = &rec->insn[rec->n - 1];

	tr_flush_predicates(t);
	tr_flush_ec(t);
	t->k = rec->n;
	t->ctx = rec->end_ctx;
	if (rec->to_interp || rec->to_other) {
		tr_sync(t, &t->s);
		tr_place(t, rec->n, rec->end);
		tr_count_retired(t, (int)(rec->n - t->counted));
		tr_rotate_later(t, t->s.rot);
		tr_leave(t, rec->to_interp ? JIT_INTERP : JIT_DISPATCH);
		return false;
	}
	if (is_loop(rec) && t->s.fd == 0) {
		if (t->s.rot) {
			tr_flush_all(t);
			tr_rotate(t, t->s.rot);
			t->s.rot = 0;
		}
		emit_iteration_end(t);
		if (!t->looping && rec->n <= MAX_PEELED) {
			begin_loop(t);
			return true;
		}
		emit_loop_end(t);
		return false;
	}
	tr_sync(t, &t->s);
	tr_count_retired(t, (int)(rec->n - t->counted));
	tr_rotate(t, t->s.rot);
	tr_exit_jump(t, &t->s, rec->end, tr_went_elsewhere(t, rec->n - 1) ? JIT_FROM_KNOWN :
		     last->taken ? last->ip : 0, t->ctx);
	return false;
}

int32_t tr_view(const struct tr *t, uint8_t ctx)
{
	return OFF(views) + (int32_t)sizeof(struct ia64_fast_tlb) *
	       (int32_t)(t->jit->ctx_key[ctx] >> JIT_CTX_VIEW_SHIFT);
}

/* The trace's instructions, once. */
static void emit_body(struct tr *t)
{
	struct jit_record *rec = t->rec;
	const struct jit_insn *i;
	unsigned int n;

	for (t->k = 0; t->k < rec->n && !t->fail; t->k++) {
		i = &rec->insn[t->k];
		t->locked = 0;
		t->ctx = i->ctx;
		switch (tr_support(t, i)) {
		case JIT_CALL:
			tr_call_out(t, i);
			continue;
		case JIT_SYSTEM:
			tr_system(t, i);
			continue;
		default:
			break;
		}
		if (jit_op_info[i->in.op] & BRANCH) {
			tr_branch(t, i);
			continue;
		}
		if (i->in.qp && i->in.op != OP_ALLOC && !t->seq_of[t->k]) {
			uint8_t pr = t->s.pr[i->in.qp];
			const struct ia64_insn *in = &i->in;

			if (!(pr & PR_KNOWN)) {
				n = predicated_run(t, t->k);
				tr_predicated(t, n);
				continue;
			}
			if (!(pr & 1)) {
				if (jit_op_info[in->op] & PS) {
					tr_flush_predicates(t);
					if (tr_real_pr(in->r1))
						t->s.pr[in->r1] = PR_KNOWN | PR_STALE;
					if (tr_real_pr(in->r4))
						t->s.pr[in->r4] = PR_KNOWN | PR_STALE;
				}
				continue;
			}
		}
		tr_insn(t, i);
	}
}

/* Where the next trace's code may begin. */
static size_t end_of(const struct ia64_jit *jit, const uint8_t *p)
{
	return (size_t)(p - jit->rw + 15) & ~15ull;
}

static bool emit_trace(struct tr *t, struct jit_trace *trace)
{
	unsigned int j;

	t->nstubs = 0;
	t->looping = false;
	begin_pass(t);
	t->s = t->top;
	emit_entry(t, trace);
	t->loop_top = t->b.p;
	emit_body(t);
	if (!t->fail && emit_end(t)) {
		t->looping = true;
		emit_body(t);
		if (!t->fail)
			emit_end(t);
	}
	if (t->fail || t->b.full)
		return false;
	t->jit->used = end_of(t->jit, t->b.p);
	t->b = (struct x86_buf){ .p = t->jit->rw + t->jit->cold_used,
				 .end = t->jit->rw + t->jit->bytes };
	for (j = 0; j < t->nstubs && !t->fail && !t->b.full; j++)
		tr_emit_stub(t, &t->stub[j]);
	t->jit->cold_used = end_of(t->jit, t->b.p);
	return !t->fail && !t->b.full;
}

bool jit_host_translate(struct ia64_jit *jit, uint32_t index)
{
	struct tr *t = jit->host;
	struct jit_trace *trace = &jit->trace[index];
	size_t hot = jit->used, cold = jit->cold_used;
	unsigned int j;
	uint32_t kept = jit->nkept;

	memset(t, 0, offsetof(struct tr, stub));
	t->jit = jit;
	t->rec = &jit->rec;
	t->index = index;
	t->first_exit = jit->nexits;
	t->ctx = t->rec->ctx;
	memset(&t->top, 0, sizeof(t->top));
	for (j = 0; j < X86_NR_REGS; j++)
		t->top.vreg[j] = V_NONE;
	fp_clear(&t->top.fp);
	fp_begin(t);
	tr_rename_rotating(t);
	tr_know_predicates(t);
	tr_pages_begin(t, is_loop(t->rec) && t->rec->n <= MAX_PEELED);
	for (j = 0; j < t->rec->n; j++) {
		t->names[j][0] = t->names[j][1] = t->names[j][2] = t->names[j][3] = V_NONE;
		tr_vregs(t, &t->rec->insn[j].in, t->names[j]);
	}
	for (j = 0; j < t->rec->n; j++) {
		t->k = j;
		t->fused[j] = tr_can_fuse(t, j);
	}
	t->b = (struct x86_buf){ .p = jit->rw + hot, .end = jit->rw + jit->cold };
	if (!emit_trace(t, trace)) {
		jit->used = hot;
		jit->cold_used = cold;
		jit->nexits = t->first_exit;
		jit->nkept = kept;
		return false;
	}
	trace->code = jit_rx(jit, jit->rw + hot);
	return true;
}

void jit_host_link(struct ia64_jit *jit, struct jit_exit *e, const uint8_t *rx_target)
{
	int32_t rel = (int32_t)(rx_target - (jit_rx(jit, e->patch) + 4));

	memcpy(e->patch, &rel, 4);
}

static void set_epoch(struct jit_trace *t, unsigned int i, uint32_t epoch)
{
	t->epoch[i] = epoch;
	memcpy(t->epoch_at[i], &epoch, sizeof(epoch));
}

void jit_host_validate(struct ia64_jit *jit, struct jit_trace *t)
{
	unsigned int i;

	for (i = 0; i < t->nregions; i++)
		set_epoch(t, i, jit->v->exec_epoch[t->region[i]]);
}

void jit_host_kill(struct ia64_jit *jit, struct jit_trace *t)
{
	/* The epoch comparison at the entry fails from now on; the dispatcher does the rest. */
	t->dead = true;
	set_epoch(t, 0, IA64_NO_EPOCH);
}

bool jit_host_init(struct ia64_jit *jit)
{
	static const uint8_t saved[] = { RBP, RBX, R12, R13, R14, R15 };
	struct x86_buf b = { .p = jit->rw, .end = jit->rw + jit->cold };
	uint8_t *at;
	unsigned int i;

	jit->host = calloc(1, sizeof(struct tr));
	if (!jit->host)
		return false;
	jit->enter = b.p;
	for (i = 0; i < sizeof(saved); i++) {
		x86_opcode(&b, 0, 0, 0, 0, saved[i], 0x50 | (saved[i] & 7), false);
	}
	x86_alu_ri(&b, 1, X86_SUB, RSP, 8);
	x86_lea(&b, RBP, RDI, RBP_AT);
	x86_rm(&b, 0, 0x8b, RBX, RBP, OFF_RSE(bof));
	x86_rmx(&b, 0, 1, 0x8d, RBX, RBP, RBX, 3, OFF_FRAME, false);
	x86_1(&b, 0xff); /* jmp rsi */
	x86_1(&b, 0xe0 | RSI);
	jit->leave = b.p;
	x86_alu_ri(&b, 1, X86_ADD, RSP, 8);
	for (i = sizeof(saved); i-- > 0;)
		x86_opcode(&b, 0, 0, 0, 0, saved[i], 0x58 | (saved[i] & 7), false);
	x86_1(&b, 0xc3);
	/* rax: a place that no trace is known for */
	jit->miss = b.p;
	x86_store(&b, 1, RBP, OFF(ip), RAX);
	x86_mov8_mi(&b, RBP, OFF(ri), 0);
	x86_mov_imm(&b, RAX, JIT_DISPATCH);
	at = x86_jmp(&b);
	x86_patch(&b, at, jit->leave);
	if (!fp_host_init(jit, &b))
		return false;
	jit->base_used = jit->used = end_of(jit, b.p);
	return !b.full;
}

void jit_host_destroy(struct ia64_jit *jit)
{
	fp_host_destroy(jit);
	free(jit->host);
}

uint64_t jit_host_ticks(void)
{
	return __rdtsc();
}

uint64_t jit_host_enter(struct ia64_jit *jit, const uint8_t *code)
{
	uint64_t (*enter)(struct vcpu *v, const uint8_t *code);
	const uint8_t *at = jit_rx(jit, jit->enter);
	uint64_t result;

	memcpy(&enter, &at, sizeof(enter));
	fp_host_enter(jit);
	result = enter(jit->v, code);
	fp_host_leave(jit);
	return result;
}
