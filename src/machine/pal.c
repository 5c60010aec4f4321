/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PAL procedures (SDM 2:11.10): what the processor says about itself. */
#include <string.h>

#include "ia64/smp.h"
#include "ia64/sysreg.h"
#include "machine/firmware.h"
#include "machine/layout.h"

enum {
	PAL_OK = 0,
	PAL_UNIMPLEMENTED = -1,
	PAL_INVALID = -2,
	PAL_ERROR = -3,
	PAL_NO_INFORMATION = -6,
};

/* --- caches: those of a Madison with 6 MB; nothing here behaves differently for it --- */

enum { CACHE_INSTRUCTION = 1, CACHE_DATA = 2 };

struct cache {
	uint32_t size;
	uint8_t ways, line_shift, store_latency, load_latency, tag_low, tag_high;
	bool unified, write_back;
};

static const struct cache caches[3][2] = {
	{ { 16 << 10, 4, 6, 0, 1, 12, 49, false, false },
	  { 16 << 10, 4, 6, 3, 1, 12, 49, false, false } },
	{ { 0 }, { 256 << 10, 8, 7, 7, 5, 15, 49, true, true } },
	{ { 0 }, { 6 << 20, 24, 7, 7, 14, 18, 49, true, true } },
};

static const struct cache *find_cache(uint64_t level, uint64_t type)
{
	const struct cache *cache;

	if (level > 2 || (type != CACHE_INSTRUCTION && type != CACHE_DATA))
		return NULL;
	cache = &caches[level][type - CACHE_INSTRUCTION];
	return cache->size ? cache : NULL;
}

static int64_t cache_info(struct fw_call *c)
{
	const struct cache *cache = find_cache(c->arg[1], c->arg[2]);

	if (!cache)
		return PAL_INVALID;
	c->ret[0] = cache->unified | (uint64_t)cache->write_back << 1 |
		    (uint64_t)cache->ways << 8 | (uint64_t)cache->line_shift << 16 |
		    (uint64_t)cache->line_shift << 24 | (uint64_t)cache->store_latency << 32 |
		    (uint64_t)cache->load_latency << 40;
	c->ret[1] = cache->size | (uint64_t)cache->tag_low << 40 | (uint64_t)cache->tag_high << 48;
	return PAL_OK;
}

/* No cache has parity or ECC bits that anybody could see: all elements are 0, "none". */
static int64_t cache_prot_info(struct fw_call *c)
{
	return find_cache(c->arg[1], c->arg[2]) ? PAL_OK : PAL_INVALID;
}

static int64_t cache_summary(struct fw_call *c)
{
	c->ret[0] = 3;
	c->ret[1] = 4;
	return PAL_OK;
}

static int64_t cache_shared_info(struct fw_call *c)
{
	if (!find_cache(c->arg[1], c->arg[2]) || c->arg[3])
		return PAL_INVALID;
	c->ret[0] = 1;
	c->ret[2] = c->v->index << 8;
	return PAL_OK;
}

static int64_t cache_flush(struct fw_call *c)
{
	enum { FLUSH_INSTRUCTION = 1, FLUSH_DATA, FLUSH_BOTH, MAKE_COHERENT };

	if (c->arg[1] < FLUSH_INSTRUCTION || c->arg[1] > MAKE_COHERENT || c->arg[2] > 3)
		return PAL_INVALID;
	if (c->arg[1] != FLUSH_DATA)
		fw_flush_code(c->fw);
	return PAL_OK;
}

static int64_t succeed(struct fw_call *c)
{
	return PAL_OK;
}

/* --- memory --- */

#define MEM_ATTRIBUTES 0xf1u /* WB, UC, UCE, WC, NaTPage */
/* 4, 8, 16, 64, 256 KB, 1, 4, 16, 64, 256 MB, 1, 4 GB */
#define PAGE_SIZES 0x155557000ull

static int64_t mem_attrib(struct fw_call *c)
{
	c->ret[0] = MEM_ATTRIBUTES;
	return PAL_OK;
}

static int64_t ptce_info(struct fw_call *c)
{
	c->ret[1] = 1ull << 32 | 1; /* one ptc.e empties the translation caches */
	return PAL_OK;
}

static int64_t vm_summary(struct fw_call *c)
{
	enum { HASH_TAG_ID = 0, UNIQUE_TCS = 2, TC_LEVELS = 1, UNLIMITED_PURGES = 0xffff };

	c->ret[0] = 1 | (uint64_t)IA64_IMPL_PA_BITS << 1 | (uint64_t)IA64_KEY_BITS << 8 |
		    (uint64_t)(IA64_NR_PKR - 1) << 16 | (uint64_t)HASH_TAG_ID << 24 |
		    (uint64_t)(IA64_NR_TR - 1) << 32 | (uint64_t)(IA64_NR_TR - 1) << 40 |
		    (uint64_t)UNIQUE_TCS << 48 | (uint64_t)TC_LEVELS << 56;
	c->ret[1] = (IA64_IMPL_VA_BITS - 1) | (uint64_t)IA64_RID_BITS << 8 |
		    (uint64_t)UNLIMITED_PURGES << 16;
	return PAL_OK;
}

/* One instruction and one data TC; what is told are sizes that a guest may rely on. */
static int64_t vm_info(struct fw_call *c)
{
	enum { ENTRIES = 128 };

	if (c->arg[1] != 0 || c->arg[2] < 1 || c->arg[2] > 2)
		return PAL_INVALID;
	c->ret[0] = 1 | (uint64_t)ENTRIES << 8 | (uint64_t)ENTRIES << 16;
	c->ret[1] = PAGE_SIZES;
	return PAL_OK;
}

static int64_t vm_page_size(struct fw_call *c)
{
	c->ret[0] = PAGE_SIZES;
	c->ret[1] = PAGE_SIZES;
	return PAL_OK;
}

static int64_t vm_tr_read(struct fw_call *c)
{
	const struct ia64_translation *t;
	uint64_t out[4] = { 0 };

	if (c->arg[1] >= IA64_NR_TR || c->arg[2] > 1)
		return PAL_INVALID;
	t = c->arg[2] ? &c->v->dtr[c->arg[1]] : &c->v->itr[c->arg[1]];
	if (t->valid) {
		out[0] = t->p | (uint64_t)t->ma << 2 | (uint64_t)t->a << 5 | (uint64_t)t->d << 6 |
			 (uint64_t)t->pl << 7 | (uint64_t)t->ar << 9 | t->ppn_pa |
			 (uint64_t)t->ed << 52;
		out[1] = (uint64_t)t->ps << 2 | (uint64_t)t->key << 8;
		out[2] = t->va | 1; /* bit 0: the entry is valid */
		out[3] = (uint64_t)t->rid << 8 | (uint64_t)t->ps << 2;
	}
	if (!fw_write(c, c->arg[3], out, sizeof(out)))
		return PAL_INVALID;
	c->ret[0] = 0xf; /* rights, level, dirty bit and attribute are as they were inserted */
	return PAL_OK;
}

static int64_t prefetch_visibility(struct fw_call *c)
{
	return c->arg[1] > 1 ? PAL_INVALID : 1; /* 1: other processors need not be asked */
}

/* --- the processor --- */

static int64_t debug_info(struct fw_call *c)
{
	c->ret[0] = IA64_NR_DEBUG / 2;
	c->ret[1] = IA64_NR_DEBUG / 2;
	return PAL_OK;
}

static int64_t fixed_addr(struct fw_call *c)
{
	c->ret[0] = c->v->index;
	return PAL_OK;
}

static uint64_t ratio(uint64_t hz)
{
	return hz / FW_PLATFORM_HZ << 32 | 1;
}

static int64_t freq_ratios(struct fw_call *c)
{
	c->ret[0] = ratio(c->v->sys->itc_hz); /* the processor's own clock is ar.itc's */
	c->ret[1] = ratio(4 * FW_PLATFORM_HZ);
	c->ret[2] = ratio(c->v->sys->itc_hz);
	return PAL_OK;
}

/* The generic counters that every IA-64 has: PMC/PMD 4 to 7. Events as on Itanium 2. */
enum {
	PMU_GENERIC = 4,
	PMU_WIDTH = 47,
	PMU_COUNTERS = 0xf0,
	PMU_EVENT_CYCLES = 0x12,
	PMU_EVENT_RETIRED = 0x08,
};

static int64_t perf_mon_info(struct fw_call *c)
{
	/* Implemented PMCs and PMDs, those that count cycles, those that count instructions. */
	uint64_t masks[16] = { 0 };

	masks[0] = (1u << IA64_NR_PMC) - 1;
	masks[4] = (1u << IA64_NR_PMD) - 1;
	masks[8] = PMU_COUNTERS;
	masks[12] = PMU_COUNTERS;
	if (c->arg[1] & 7 || !fw_write(c, c->arg[1], masks, sizeof(masks)))
		return PAL_INVALID;
	c->ret[0] = PMU_GENERIC | PMU_WIDTH << 8 | PMU_EVENT_CYCLES << 16 |
		    PMU_EVENT_RETIRED << 24;
	return PAL_OK;
}

static int64_t platform_addr(struct fw_call *c)
{
	enum { INTERRUPT_BLOCK, PORT_SPACE };

	if (c->arg[1] == INTERRUPT_BLOCK)
		return c->arg[2] == LAYOUT_IPI_BASE ? PAL_OK : PAL_ERROR;
	if (c->arg[1] == PORT_SPACE)
		return c->arg[2] == LAYOUT_PORT_BASE ? PAL_OK : PAL_ERROR;
	return PAL_INVALID;
}

/* Nothing can be configured: the masks of what is available, set and controllable are empty. */
static int64_t no_features(struct fw_call *c)
{
	return PAL_OK;
}

static int64_t proc_get_features(struct fw_call *c)
{
	return c->arg[2] ? -8 : PAL_OK; /* -8: no feature set of this or a higher number */
}

static int64_t register_info(struct fw_call *c)
{
	/*
	 * Bit n: register n. Requests 0 and 2: the application and control registers that there
	 * are, k0-7, rsc, bsp, bspstore, rnat, fcr, eflag-fdr, ccv, unat, fpsr, itc, pfs, lc, ec
	 * and 0-2, 8, 16-17, 19-25, 64-74, 80, 81; 1 and 3: those with a side effect when they are
	 * read, which only ivr has.
	 */
	static const uint64_t regs[4][2] = {
		{ 0x000011117f2f00ffull, 0x7 },
		{ 0, 0 },
		{ 0x0000000003fb0107ull, 0x307ff },
		{ 0, 1ull << (CR_IVR - 64) },
	};

	if (c->arg[1] > 3)
		return PAL_INVALID;
	c->ret[0] = regs[c->arg[1]][0];
	c->ret[1] = regs[c->arg[1]][1];
	return PAL_OK;
}

static int64_t rse_info(struct fw_call *c)
{
	c->ret[0] = IA64_STACKED_PHYS;
	return PAL_OK; /* hints 0: enforced lazy */
}

static int64_t version(struct fw_call *c)
{
	c->ret[0] = c->ret[1] = 0x0000010000000100ull; /* PAL_A 1.00 and PAL_B 1.00, no vendor */
	return PAL_OK;
}

/* --- waiting --- */

static int64_t halt_light(struct fw_call *c)
{
	ia64_halt(c->v);
	return PAL_OK;
}

static int64_t halt(struct fw_call *c)
{
	if (c->arg[1] > 1)
		return PAL_INVALID;
	return halt_light(c);
}

static int64_t halt_info(struct fw_call *c)
{
	/* States 0 and 1: implemented, coherent; no latency and no power worth a number. */
	uint64_t states[8] = { 3ull << 60, 3ull << 60 };

	return fw_write(c, c->arg[1], states, sizeof(states)) ? PAL_OK : PAL_INVALID;
}

/* --- machine checks (SDM 2:11.3) --- */

static struct fw_cpu *cpu_of(struct fw_call *c)
{
	return &c->fw->cpu[c->v->index];
}

/* What the last machine check was: a map of the structures, the state parameter, the structure. */
static int64_t mc_error_info(struct fw_call *c)
{
	enum { MAP, STATE_PARAMETER, STRUCTURE };
	struct fw_cpu *cpu = cpu_of(c);

	if (c->arg[1] > STRUCTURE)
		return PAL_INVALID;
	if (!cpu->last.check)
		return PAL_NO_INFORMATION;
	switch (c->arg[1]) {
	case MAP:
		c->ret[0] = 1; /* the first core */
		break;
	case STATE_PARAMETER:
		c->ret[0] = cpu->last.psp;
		break;
	case STRUCTURE:
		if (c->arg[3] & ~7ull) /* the addresses involved are in SAL's record */
			return PAL_NO_INFORMATION;
		c->ret[0] = cpu->last.check;
		break;
	}
	return PAL_OK;
}

static int64_t mc_clear_log(struct fw_call *c)
{
	cpu_of(c)->last.check = 0;
	c->ret[0] = atomic_load(&c->v->mca_pending) |
		    (uint64_t)atomic_load(&c->v->init_pending) << 1;
	return PAL_OK;
}

static int64_t mc_expected(struct fw_call *c)
{
	struct fw_cpu *cpu = cpu_of(c);

	if (c->arg[1] > 1)
		return PAL_INVALID;
	c->ret[0] = cpu->expected;
	cpu->expected = c->arg[1];
	return PAL_OK;
}

/* No dynamic state beyond the architected: its largest size is 0. */
static int64_t mc_dynamic_state(struct fw_call *c)
{
	return c->arg[1] > 1 ? PAL_INVALID : PAL_OK;
}

static int64_t mc_register_mem(struct fw_call *c)
{
	uint64_t pa = c->arg[1] & ~(1ull << 63);

	if (pa & 511 || !ia64_memory_is_ram(c->fw->mem, pa & ~4095ull, 2 * MIN_STATE_SIZE))
		return PAL_INVALID;
	pthread_mutex_lock(&c->fw->lock);
	cpu_of(c)->min_state = pa;
	pthread_mutex_unlock(&c->fw->lock);
	c->ret[0] = MIN_STATE_SIZE;
	return PAL_OK;
}

/* Does not return when it succeeds. A hypervisor's guest must not load psr so. */
static int64_t mc_resume(struct fw_call *c)
{
	if (c->v->pl_floor)
		return PAL_UNIMPLEMENTED;
	if (c->arg[1] > 1 || c->arg[2] & 511)
		return PAL_INVALID;
	if (c->arg[1])
		ia64_post_cmc(c->v);
	c->again = true;
	fw_resume(c, c->arg[2]);
	return PAL_OK;
}

static int64_t pmi_entrypoint(struct fw_call *c)
{
	if (c->arg[1] & 255 || !ia64_memory_is_ram(c->fw->mem, c->arg[1], 16))
		return PAL_INVALID;
	pthread_mutex_lock(&c->fw->lock);
	cpu_of(c)->pmi_entry = c->arg[1];
	pthread_mutex_unlock(&c->fw->lock);
	return PAL_OK;
}

static const struct {
	uint16_t index;
	const char *name;
	int64_t (*call)(struct fw_call *c); /* NULL: not implemented */
} procedures[] = {
	{ 1, "PAL_CACHE_FLUSH", cache_flush },
	{ 2, "PAL_CACHE_INFO", cache_info },
	{ 3, "PAL_CACHE_INIT", succeed },
	{ 4, "PAL_CACHE_SUMMARY", cache_summary },
	{ 5, "PAL_MEM_ATTRIB", mem_attrib },
	{ 6, "PAL_PTCE_INFO", ptce_info },
	{ 7, "PAL_VM_INFO", vm_info },
	{ 8, "PAL_VM_SUMMARY", vm_summary },
	{ 9, "PAL_BUS_GET_FEATURES", no_features },
	{ 10, "PAL_BUS_SET_FEATURES", no_features },
	{ 11, "PAL_DEBUG_INFO", debug_info },
	{ 12, "PAL_FIXED_ADDR", fixed_addr },
	{ 13, "PAL_FREQ_BASE", NULL }, /* the platform makes the clock: SAL_FREQ_BASE */
	{ 14, "PAL_FREQ_RATIOS", freq_ratios },
	{ 15, "PAL_PERF_MON_INFO", perf_mon_info },
	{ 16, "PAL_PLATFORM_ADDR", platform_addr },
	{ 17, "PAL_PROC_GET_FEATURES", proc_get_features },
	{ 18, "PAL_PROC_SET_FEATURES", no_features },
	{ 19, "PAL_RSE_INFO", rse_info },
	{ 20, "PAL_VERSION", version },
	{ 21, "PAL_MC_CLEAR_LOG", mc_clear_log },
	{ 22, "PAL_MC_DRAIN", succeed },
	{ 23, "PAL_MC_EXPECTED", mc_expected },
	{ 24, "PAL_MC_DYNAMIC_STATE", mc_dynamic_state },
	{ 25, "PAL_MC_ERROR_INFO", mc_error_info },
	{ 26, "PAL_MC_RESUME", mc_resume },
	{ 27, "PAL_MC_REGISTER_MEM", mc_register_mem },
	{ 28, "PAL_HALT", halt },
	{ 29, "PAL_HALT_LIGHT", halt_light },
	{ 30, "PAL_COPY_INFO", NULL },
	{ 31, "PAL_CACHE_LINE_INIT", NULL },
	{ 32, "PAL_PMI_ENTRYPOINT", pmi_entrypoint },
	{ 33, "PAL_ENTER_IA_32_ENV", NULL },
	{ 34, "PAL_VM_PAGE_SIZE", vm_page_size },
	{ 37, "PAL_MEM_FOR_TEST", succeed }, /* no memory is needed */
	{ 38, "PAL_CACHE_PROT_INFO", cache_prot_info },
	{ 39, "PAL_REGISTER_INFO", register_info },
	{ 40, "PAL_SHUTDOWN", NULL },
	{ 41, "PAL_PREFETCH_VISIBILITY", prefetch_visibility },
	{ 42, "PAL_LOGICAL_TO_PHYSICAL", NULL }, /* one logical processor a package */
	{ 43, "PAL_CACHE_SHARED_INFO", cache_shared_info },
	{ 48, "PAL_GET_HW_POLICY", NULL },
	{ 49, "PAL_SET_HW_POLICY", NULL },
	{ 50, "PAL_VP_INFO", NULL },
	{ 51, "PAL_MC_HW_TRACKING", NULL },
	{ 256, "PAL_COPY_PAL", NULL },
	{ 257, "PAL_HALT_INFO", halt_info },
	{ 258, "PAL_TEST_PROC", succeed },
	{ 259, "PAL_CACHE_READ", NULL },
	{ 260, "PAL_CACHE_WRITE", NULL },
	{ 261, "PAL_VM_TR_READ", vm_tr_read },
	{ 262, "PAL_GET_PSTATE", NULL },
	{ 263, "PAL_SET_PSTATE", NULL },
	{ 274, "PAL_BRAND_INFO", NULL },
	{ 276, "PAL_MC_ERROR_INJECT", NULL },
};

int64_t pal_call(struct fw_call *c)
{
	size_t i;

	c->name = "PAL (no such procedure)";
	for (i = 0; i < sizeof(procedures) / sizeof(procedures[0]); i++) {
		if (procedures[i].index != c->arg[0])
			continue;
		c->name = procedures[i].name;
		return procedures[i].call ? procedures[i].call(c) : PAL_UNIMPLEMENTED;
	}
	return PAL_UNIMPLEMENTED;
}
