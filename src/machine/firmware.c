/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entry points in guest memory, arguments and results, processors that wait to be woken. */
#include "machine/firmware.h"

#include <string.h>

#include "ia64/interruption.h"
#include "ia64/rse.h"
#include "ia64/smp.h"
#include "ia64/tlb.h"
#include "ia64/trace.h"
#include "machine/layout.h"

/* Instructions of the entry points (SDM 3:4). */
#define NOP 0x8000000ull /* nop.m 0 and nop.i 0 alike */
#define BR_RET_B0 (0x21ull << 27 | 4ull << 6 | 1ull << 12)  /* br.ret.sptk.many b0 */
#define BR_COND_B0 (0x20ull << 27 | 1ull << 12)             /* br.cond.sptk.many b0 */
#define TEMPLATE_MIB_STOP 0x11u

static uint64_t break_m(uint32_t imm)
{
	return (imm & 0xfffff) << 6 | (uint64_t)(imm >> 20 & 1) << 36;
}

static void write_bundle(struct firmware *fw, uint64_t pa, uint64_t slot0, uint64_t slot1,
			 uint64_t slot2)
{
	uint64_t w[2];

	w[0] = TEMPLATE_MIB_STOP | slot0 << 5 | slot1 << 46;
	w[1] = slot1 >> 18 | slot2 << 23;
	ia64_memory_write(fw->mem, pa, w, sizeof(w));
}

void fw_write_entry(struct firmware *fw, uint64_t pa, uint32_t imm)
{
	write_bundle(fw, pa, break_m(imm), NOP, BR_RET_B0);
}

int firmware_init(struct firmware *fw)
{
	pthread_mutex_init(&fw->lock, NULL);
	fw_write_entry(fw, FW_PAL_PROC, FW_BREAK_PAL);
	write_bundle(fw, FW_PAL_RETURN_STATIC, NOP, NOP, BR_COND_B0);
	fw_write_entry(fw, FW_SAL_PROC, FW_BREAK_SAL);
	fw_write_entry(fw, FW_AP_WAIT, FW_BREAK_AP_WAIT);
	fw_write_entry(fw, FW_SAL_CHECK, FW_BREAK_SAL_CHECK);
	fw_write_entry(fw, FW_MCA_RETURN, FW_BREAK_MCA_RETURN);
	fw_write_entry(fw, FW_INIT_RETURN, FW_BREAK_INIT_RETURN);
	fw_write_entry(fw, FW_PMI_RETURN, FW_BREAK_PMI_RETURN);
	fw_events_init(fw);
	sal_build(fw);
	efi_build(fw);
	return acpi_build(fw) ? 0 : -1;
}

void firmware_destroy(struct firmware *fw)
{
	fw_events_destroy(fw);
	pthread_mutex_destroy(&fw->lock);
}

void fw_flush_code(struct firmware *fw)
{
	ia64_memory_written(fw->mem, 0, fw->mem->limit);
}

/* --- guest memory --- */

/*
 * The host pointer to [addr, addr + len), which lies in one 4 KiB page. A translation the guest has
 * to supply is asked for with an ordinary fault at the break, which then executes once more.
 */
static void *page_ptr(struct fw_call *c, uint64_t addr, size_t len, bool write)
{
	struct ia64_xlate_result res;
	enum ia64_xlate x;

	x = ia64_translate(c->v, addr, 1, write ? IA64_ACCESS_WRITE : IA64_ACCESS_READ, 0, &res);
	if (x != IA64_XLATE_OK) {
		c->again = true;
		return NULL;
	}
	return ia64_memory_ptr(c->fw->mem, res.pa, len);
}

/* Calls for each page part; the first pass only looks, so that nothing is done by halves. */
static bool transfer(struct fw_call *c, uint64_t addr, uint8_t *buf, size_t len, bool write)
{
	size_t done, part;
	int pass;
	void *p;

	if (!len)
		return true;
	if (addr + len - 1 < addr)
		return false;
	for (pass = 0; pass < 2; pass++) {
		for (done = 0; done < len; done += part) {
			part = IA64_MEM_PAGE_SIZE - (addr + done) % IA64_MEM_PAGE_SIZE;
			if (part > len - done)
				part = len - done;
			p = page_ptr(c, addr + done, part, write);
			if (!p)
				return false;
			if (!pass)
				continue;
			if (write)
				memcpy(p, buf + done, part);
			else
				memcpy(buf + done, p, part);
			if (write)
				ia64_memory_written(c->fw->mem,
						    (uint64_t)((uint8_t *)p - c->fw->mem->base),
						    part);
		}
	}
	return true;
}

bool fw_read(struct fw_call *c, uint64_t addr, void *buf, size_t len)
{
	return transfer(c, addr, buf, len, false);
}

bool fw_write(struct fw_call *c, uint64_t addr, const void *buf, size_t len)
{
	return transfer(c, addr, (uint8_t *)buf, len, true);
}

/* --- calls --- */

static void set_gr(struct vcpu *v, unsigned int n, uint64_t val)
{
	v->gr[n] = val;
	v->nat[n] = 0;
}

static void stacked_args(struct fw_call *c)
{
	unsigned int i;
	bool nat;

	for (i = 0; i < 8 && i < c->v->rse.sof; i++)
		c->arg[i] = ia64_stacked_read(c->v, i, &nat);
}

static void finish(struct fw_call *c, int64_t status, uint64_t ip, unsigned int ri)
{
	if (c->again)
		return;
	set_gr(c->v, 8, (uint64_t)status);
	set_gr(c->v, 9, c->ret[0]);
	set_gr(c->v, 10, c->ret[1]);
	set_gr(c->v, 11, c->ret[2]);
	c->v->ip = ip;
	c->v->ri = (uint8_t)ri;
	ia64_trace(c->v, IA64_TRACE_FIRMWARE, c->name, (uint64_t)status, 0, 0);
}

/* PAL procedures 0..255 and 512..767 take their arguments in r28..r31, the others are stacked. */
static void serve_pal(struct fw_call *c)
{
	uint64_t index = c->v->gr[28];
	bool is_static = !(index & 0x100);
	uint64_t ip = c->v->ip;
	int64_t status;

	if (is_static)
		memcpy(c->arg, &c->v->gr[28], 4 * sizeof(c->arg[0]));
	else
		stacked_args(c);
	c->arg[0] = index;
	status = pal_call(c);
	if (is_static)
		finish(c, status, ip + (FW_PAL_RETURN_STATIC - FW_PAL_PROC), 0);
	else
		finish(c, status, ip, 1);
}

/*
 * The rendezvous of processors that wait for the OS: sleeps until the wake-up vector is pending and
 * goes where SAL_SET_VECTORS said (SAL 3.2.5). The break executes again until then, so that the
 * runner sees stops between.
 */
static void serve_ap_wait(struct fw_call *c)
{
	struct firmware *fw = c->fw;
	struct vcpu *v = c->v;
	uint64_t bit = 1ull << (FW_AP_WAKEUP_VECTOR & 63);
	struct fw_handler handler;
	bool woken = atomic_load(&v->irr[FW_AP_WAKEUP_VECTOR >> 6]) & bit;

	pthread_mutex_lock(&fw->lock);
	handler = fw->os_rendez;
	fw->cpu[v->index].parked = !woken || !handler.ip;
	pthread_mutex_unlock(&fw->lock);
	if (!woken) {
		ia64_halt(v);
		return;
	}
	/* Taken as if SAL had read cr.ivr and written cr.eoi. */
	atomic_fetch_and(&v->irr[FW_AP_WAKEUP_VECTOR >> 6], ~bit);
	if (!handler.ip)
		return;
	set_gr(v, 1, handler.gp);
	v->br[0] = FW_AP_WAIT;
	v->ip = handler.ip;
	v->ri = 0;
}

bool firmware_break(struct firmware *fw, struct vcpu *v, uint64_t imm)
{
	struct fw_call c = { .fw = fw, .v = v, .name = "" };
	uint64_t ip = v->ip;
	int64_t status;

	/* On the ways back from machine checks psr is loaded: not for who may not be at level 0. */
	if (v->pl_floor && imm >= FW_BREAK_SAL_CHECK && imm <= FW_BREAK_PMI_RETURN)
		return false;
	switch (imm) {
	case FW_BREAK_PAL:
		serve_pal(&c);
		break;
	case FW_BREAK_SAL:
		stacked_args(&c);
		status = sal_call(&c);
		finish(&c, status, ip, 1);
		break;
	case FW_BREAK_AP_WAIT:
		serve_ap_wait(&c);
		break;
	case FW_BREAK_SAL_CHECK:
		fw_serve_check(&c);
		break;
	case FW_BREAK_MCA_RETURN:
	case FW_BREAK_INIT_RETURN:
		fw_serve_os_return(&c, imm == FW_BREAK_INIT_RETURN);
		break;
	case FW_BREAK_PMI_RETURN:
		fw_serve_pmi_return(&c);
		break;
	default:
		if (imm < FW_BREAK_EFI)
			return false;
		stacked_args(&c);
		status = efi_call(&c, (unsigned int)(imm - FW_BREAK_EFI));
		finish(&c, status, ip, 1);
		break;
	}
	v->op = NULL;
	v->code_stale = true;
	return true;
}

void firmware_park(struct firmware *fw, struct vcpu *v)
{
	fw->cpu[v->index].parked = true;
	ia64_set_psr(v, PSR_BN);
	v->ip = FW_AP_WAIT;
	v->ri = 0;
}
