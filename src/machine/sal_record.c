/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SAL's error records: what SAL_GET_STATE_INFO hands out (SAL, appendix B). */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ia64/rse.h"
#include "ia64/sapic.h"
#include "ia64/sysreg.h"
#include "machine/events.h"
#include "machine/firmware.h"

struct record_header {
	uint64_t id;
	uint8_t revision_minor, revision_major; /* BCD */
	uint8_t severity, valid;
	uint32_t length;
	uint8_t second, minute, hour, reserved, day, month, year, century; /* BCD */
	uint8_t platform[16];
};

enum { SEVERITY_RECOVERABLE, SEVERITY_FATAL, SEVERITY_CORRECTED };

struct section_header {
	uint8_t guid[16];
	uint8_t revision_minor, revision_major, recovery, reserved;
	uint32_t length;
};

#define RECOVERY_VALID 0x80u

/* An error of a structure of the processor. */
struct mod_error {
	uint64_t valid, check, requester, responder, target, precise_ip;
};

enum { MOD_CHECK = 1 << 0, MOD_TARGET = 1 << 3, MOD_PRECISE_IP = 1 << 4 };

struct processor_static {
	uint64_t valid;
	uint64_t min_state[MIN_STATE_WORDS];
	uint64_t br[8], cr[128], ar[128], rr[8];
	struct { uint64_t sig, se; } fr[128];
};

struct processor_section {
	struct section_header header;
	uint64_t valid, error_map, state_parameter, lid;
	struct mod_error error[1]; /* none or one is there */
};

/* Valid bits of a processor's section; counts of errors are four bits each. */
#define PROCESSOR_VALID_MAP (1ull << 0)
#define PROCESSOR_VALID_PSP (1ull << 1)
#define PROCESSOR_VALID_LID (1ull << 2)
#define PROCESSOR_VALID_STATIC (1ull << 3)
#define PROCESSOR_COUNT_CACHE (1ull << 4)
#define PROCESSOR_COUNT_TLB (1ull << 8)
#define PROCESSOR_COUNT_BUS (1ull << 12)
#define PROCESSOR_VALID_CPUID (1ull << 24)

#define STATIC_VALID_ALL 0x3f

struct memory_section {
	struct section_header header;
	uint64_t valid, error_status, address, mask;
	uint16_t where[8]; /* node, card, module, bank, device, row, column, bit */
	uint64_t requester, responder, target, bus_specific;
	uint8_t oem[16];
};

#define MEMORY_VALID_ADDRESS (1u << 1)
#define MEMORY_VALID_MASK (1u << 2)

_Static_assert(sizeof(struct record_header) == 40, "SAL B.2.1");
_Static_assert(sizeof(struct section_header) == 24, "SAL B.2.2");
_Static_assert(sizeof(struct record_header) + sizeof(struct processor_section) + 48 +
	       sizeof(struct processor_static) + sizeof(struct memory_section) <= FW_RECORD_SIZE,
	       "what SAL_GET_STATE_INFO_SIZE says");

static const uint8_t guid_processor[16] = { 0xf1, 0xfa, 0x29, 0xe4, 0xb7, 0x3c, 0xd4, 0x11,
					    0xbc, 0xa7, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81 };
static const uint8_t guid_memory[16] = { 0xf2, 0xfa, 0x29, 0xe4, 0xb7, 0x3c, 0xd4, 0x11,
					 0xbc, 0xa7, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81 };

static uint8_t bcd(int n)
{
	return (uint8_t)(n / 10 % 10 << 4 | n % 10);
}

static uint8_t *section(uint8_t *at, const void *data, size_t size)
{
	memcpy(at, data, size);
	return at + size;
}

static void fill_section(struct section_header *h, const uint8_t guid[16], size_t length)
{
	memcpy(h->guid, guid, sizeof(h->guid));
	h->revision_major = 2;
	h->recovery = RECOVERY_VALID;
	h->length = (uint32_t)length;
}

static void fill_static(struct processor_static *s, struct vcpu *v,
			const uint64_t min_state[MIN_STATE_WORDS])
{
	unsigned int n;

	s->valid = STATIC_VALID_ALL;
	memcpy(s->min_state, min_state, sizeof(s->min_state));
	memcpy(s->br, v->br, sizeof(s->br));
	memcpy(s->cr, v->cr, sizeof(s->cr));
	for (n = 0; n < 4; n++)
		s->cr[CR_IRR0 + n] = ia64_sapic_irr(v, n);
	memcpy(s->ar, v->ar, sizeof(s->ar));
	s->ar[AR_BSP] = ia64_rse_bsp(&v->rse);
	s->ar[AR_BSPSTORE] = v->rse.bspstore;
	s->ar[AR_RNAT] = v->rse.rnat;
	s->ar[AR_ITC] = ia64_itc_read(v);
	memcpy(s->rr, v->rr, sizeof(s->rr));
	for (n = 0; n < 128; n++) {
		s->fr[n].sig = v->fr[n].sig;
		s->fr[n].se = v->fr[n].se;
	}
}

static uint8_t severity(enum fw_record kind, enum machine_event error)
{
	if (kind == FW_RECORD_CMC)
		return SEVERITY_CORRECTED;
	return kind == FW_RECORD_MCA && error == MACHINE_EVENT_MCA_FATAL ? SEVERITY_FATAL
									 : SEVERITY_RECOVERABLE;
}

static void fill_header(struct record_header *h, struct firmware *fw, enum fw_record kind,
			enum machine_event error, size_t length)
{
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	pthread_mutex_lock(&fw->lock);
	h->id = ++fw->last_record;
	pthread_mutex_unlock(&fw->lock);
	h->revision_major = 2;
	h->severity = severity(kind, error);
	h->length = (uint32_t)length;
	h->second = bcd(tm.tm_sec);
	h->minute = bcd(tm.tm_min);
	h->hour = bcd(tm.tm_hour);
	h->day = bcd(tm.tm_mday);
	h->month = bcd(tm.tm_mon + 1);
	h->year = bcd(tm.tm_year % 100);
	h->century = bcd(19 + tm.tm_year / 100);
}

size_t fw_record_length(const uint8_t *record)
{
	struct record_header h;

	memcpy(&h, record, sizeof(h));
	return h.length;
}

/* Which kind of structure failed: its count in `valid`. 0: an INIT, nothing failed. */
static uint64_t error_count(enum fw_record kind, enum machine_event error)
{
	if (kind == FW_RECORD_CMC)
		return PROCESSOR_COUNT_CACHE;
	if (kind != FW_RECORD_MCA)
		return 0;
	return error == MACHINE_EVENT_MCA_TLB || error == MACHINE_EVENT_MCA_OVERLAP ?
	       PROCESSOR_COUNT_TLB : PROCESSOR_COUNT_BUS;
}

uint8_t *fw_record_create(struct firmware *fw, enum fw_record kind, const struct fw_error *error,
			  struct vcpu *v, unsigned int index,
			  const uint64_t min_state[MIN_STATE_WORDS], uint64_t target)
{
	struct record_header header = { 0 };
	struct processor_section proc = { 0 };
	struct processor_static state = { 0 };
	struct memory_section mem = { 0 };
	uint64_t count = error_count(kind, error->event), cpuid[6] = { 0 };
	size_t head = sizeof(proc) - (count ? 0 : sizeof(proc.error)), length;
	uint8_t *record = calloc(1, FW_RECORD_SIZE), *at;

	if (!record)
		return NULL;
	proc.valid = PROCESSOR_VALID_MAP | PROCESSOR_VALID_PSP | PROCESSOR_VALID_LID | count;
	proc.error_map = count ? 1 : 0;
	proc.state_parameter = error->psp;
	proc.lid = fw->sys->vcpus[index]->cr[CR_LID];
	proc.error[0].valid = MOD_CHECK;
	proc.error[0].check = error->check;
	if (target) {
		proc.error[0].valid |= MOD_TARGET;
		proc.error[0].target = target;
	}
	length = head;
	if (v) {
		proc.valid |= PROCESSOR_VALID_STATIC | PROCESSOR_VALID_CPUID;
		proc.error[0].valid |= MOD_PRECISE_IP;
		proc.error[0].precise_ip = v->ip;
		memcpy(cpuid, v->cpuid, IA64_NR_CPUID * sizeof(cpuid[0]));
		fill_static(&state, v, min_state);
		length += sizeof(cpuid) + sizeof(state);
	}
	fill_section(&proc.header, guid_processor, length);
	at = section(record + sizeof(header), &proc, head);
	if (v) {
		at = section(at, cpuid, sizeof(cpuid));
		at = section(at, &state, sizeof(state));
	}
	if (target) {
		fill_section(&mem.header, guid_memory, sizeof(mem));
		mem.valid = MEMORY_VALID_ADDRESS | MEMORY_VALID_MASK;
		mem.address = target;
		mem.mask = ~127ull; /* a line of the last cache */
		at = section(at, &mem, sizeof(mem));
	}
	fill_header(&header, fw, kind, error->event, (size_t)(at - record));
	memcpy(record, &header, sizeof(header));
	return record;
}
