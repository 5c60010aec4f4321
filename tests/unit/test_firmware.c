/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PAL, SAL and EFI calls as a guest makes them: through the entry points' break instructions. */
#include "unit/firmware_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "backend/error.h"
#include "machine/nvram.h"

static void breaks_elsewhere_are_not_calls(void **state)
{
	struct fixture *f = *state;

	f->v->code_pa = BUFFER;
	assert_false(host_break(f, f->v, FW_BREAK_PAL));
	f->v->code_pa = FW_PAL_CODE;
	f->v->cpl = 3;
	assert_false(host_break(f, f->v, FW_BREAK_PAL));
	f->v->cpl = 0;
	assert_false(host_break(f, f->v, 0));
}

static void pal_describes_the_processor(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(pal(f, 8, 0, 0, 0), 0); /* PAL_VM_SUMMARY */
	assert_int_equal(f->v->gr[9] & 1, 1);
	assert_int_equal(f->v->gr[9] >> 1 & 0x7f, IA64_IMPL_PA_BITS);
	assert_int_equal(f->v->gr[9] >> 32 & 0xff, IA64_NR_TR - 1);
	assert_int_equal(f->v->gr[10] & 0xff, IA64_IMPL_VA_BITS - 1);
	assert_int_equal(f->v->gr[10] >> 8 & 0xff, IA64_RID_BITS);
	assert_int_equal(pal(f, 19, 0, 0, 0), 0); /* PAL_RSE_INFO */
	assert_int_equal(f->v->gr[9], IA64_STACKED_PHYS);
	assert_int_equal(pal(f, 14, 0, 0, 0), 0); /* PAL_FREQ_RATIOS: numerator above denominator */
	assert_int_equal((f->v->gr[11] >> 32) * FW_PLATFORM_HZ / (uint32_t)f->v->gr[11],
			 f->sys->itc_hz);
	assert_int_equal(pal(f, 34, 0, 0, 0), 0); /* PAL_VM_PAGE_SIZE: 4, 16 KB, 256 MB at least */
	assert_int_equal(f->v->gr[9] & 0x10005000, 0x10005000);
}

/* What is there, and what must not be read in passing: only cr.ivr. */
static void pal_registers(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(pal(f, 39, 0, 0, 0), 0);
	assert_true(f->v->gr[9] >> AR_ITC & 1);
	assert_false(f->v->gr[9] >> 8 & 1);
	assert_int_equal(f->v->gr[10], 7); /* pfs, lc, ec */
	assert_int_equal(pal(f, 39, 1, 0, 0), 0);
	assert_int_equal(f->v->gr[9] | f->v->gr[10], 0);
	assert_int_equal(pal(f, 39, 2, 0, 0), 0);
	assert_true(f->v->gr[9] >> CR_IFA & 1);
	assert_true(f->v->gr[10] >> (CR_LRR1 - 64) & 1);
	assert_int_equal(pal(f, 39, 3, 0, 0), 0);
	assert_int_equal(f->v->gr[9], 0);
	assert_int_equal(f->v->gr[10], 1 << (CR_IVR - 64));
	assert_int_equal((int64_t)pal(f, 39, 4, 0, 0), -2);
}

static void pal_caches(void **state)
{
	struct fixture *f = *state;
	unsigned int level, type, found = 0;

	assert_int_equal(pal(f, 4, 0, 0, 0), 0); /* PAL_CACHE_SUMMARY */
	for (level = 0; level < f->v->gr[9]; level++) {
		for (type = 1; type <= 2; type++) {
			if (pal(f, 2, level, type, 0) == 0)
				found++;
		}
		pal(f, 4, 0, 0, 0);
	}
	assert_int_equal(found, f->v->gr[10]);
	assert_int_equal((int64_t)pal(f, 2, 3, 2, 0), -2);
	assert_int_equal((int64_t)pal(f, 2, 0, 3, 0), -2);
}

static void pal_unimplemented_and_unknown(void **state)
{
	struct fixture *f = *state;

	assert_int_equal((int64_t)pal(f, 13, 0, 0, 0), -1);
	assert_int_equal((int64_t)pal(f, 200, 0, 0, 0), -1);
	assert_int_equal((int64_t)pal(f, 274, 0, BUFFER, 0), -1);
	assert_int_equal((int64_t)pal(f, 0x1ff, 0, 0, 0), -1);
}

static void pal_buffers(void **state)
{
	struct fixture *f = *state;
	uint64_t *p = ia64_memory_ptr(&f->mem, BUFFER, 4096);

	assert_int_equal(pal(f, 15, BUFFER, 0, 0), 0); /* PAL_PERF_MON_INFO */
	assert_int_equal(f->v->gr[9] & 0xff, 4);
	assert_true((p[0] & 0xf0) == 0xf0 && (p[8] & 0xf0) == 0xf0);
	assert_int_equal((int64_t)pal(f, 15, BUFFER + 1, 0, 0), -2);
	assert_int_equal((int64_t)pal(f, 15, UNALLOCATED, 0, 0), -2);
	assert_int_equal(pal(f, 257, BUFFER, 0, 0), 0); /* PAL_HALT_INFO, stacked */
	assert_int_equal(p[0] >> 60 & 1, 1);
	assert_int_equal(p[2], 0);
	f->v->dtr[3].valid = true;
	f->v->dtr[3].p = true;
	f->v->dtr[3].ppn_pa = 0x4000000;
	f->v->dtr[3].ps = 26;
	f->v->dtr[3].rid = 7;
	assert_int_equal(pal(f, 261, 3, 1, BUFFER), 0); /* PAL_VM_TR_READ */
	assert_int_equal(p[0], 0x4000001);
	assert_int_equal(p[1], 26 << 2);
	assert_int_equal(p[2] & 1, 1);
	assert_int_equal(p[3] >> 8, 7);
	assert_int_equal((int64_t)pal(f, 261, IA64_NR_TR, 1, BUFFER), -2);
}

static void sal_vectors_and_rendezvous(void **state)
{
	struct fixture *f = *state;
	struct vcpu *ap = f->sys->vcpus[1];
	uint64_t bit = 1ull << (FW_AP_WAKEUP_VECTOR & 63);

	firmware_park(&f->fw, ap);
	assert_int_equal(ap->ip, FW_AP_WAIT);
	assert_int_equal((int64_t)SAL(f, 0x01000000, 2, UNALLOCATED, 0), -2);
	assert_int_equal((int64_t)SAL(f, 0x01000000, 2, BUFFER + 8, 0), -2);
	assert_int_equal((int64_t)SAL(f, 0x01000000, 3, BUFFER, 0), -2);
	assert_int_equal(SAL(f, 0x01000000, 2, BUFFER, 0x1234), 0);
	ap->irr[FW_AP_WAKEUP_VECTOR / 64] |= bit;
	assert_true(firmware_break(&f->fw, ap, FW_BREAK_AP_WAIT));
	assert_int_equal(ap->ip, BUFFER);
	assert_int_equal(ap->gr[1], 0x1234);
	assert_int_equal(ap->br[0], FW_AP_WAIT);
	assert_int_equal(ap->irr[FW_AP_WAKEUP_VECTOR / 64] & bit, 0);
}

static void sal_pci_configuration(void **state)
{
	struct fixture *f = *state;

	/* Bus 0, device 0: the host bridge; both address formats. */
	assert_int_equal(SAL(f, 0x01000010, 0, 4, 0), 0);
	assert_int_equal(f->v->gr[9], pci_config_read(f->pci, 0, 0, 0, 4));
	assert_int_equal(SAL(f, 0x01000010, 0x002, 2, 1), 0);
	assert_int_equal(f->v->gr[9], pci_config_read(f->pci, 0, 0, 2, 2));
	/* Nobody there, and another segment. */
	assert_int_equal(SAL(f, 0x01000010, 0x1f << 11, 4, 0), 0);
	assert_int_equal(f->v->gr[9], 0xffffffff);
	assert_int_equal(SAL(f, 0x01000010, 1ull << 24, 2, 0), 0);
	assert_int_equal(f->v->gr[9], 0xffff);
	/* Sizes, alignment, formats. */
	assert_int_equal((int64_t)SAL(f, 0x01000010, 0, 3, 0), -2);
	assert_int_equal((int64_t)SAL(f, 0x01000010, 1, 4, 0), -2);
	assert_int_equal((int64_t)SAL(f, 0x01000010, 0, 4, 2), -2);
	assert_int_equal((int64_t)SAL(f, 0x01000010, 1ull << 40, 4, 0), -2);
	/* A write arrives. */
	assert_int_equal(SAL(f, 0x01000011, 0x0c, 1, 0x5a, 0), 0);
	assert_int_equal(pci_config_read(f->pci, 0, 0, 0x0c, 1), 0x5a);
}

static void sal_information(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(SAL(f, 0x01000012, 0), 0);
	assert_int_equal(f->v->gr[9], FW_PLATFORM_HZ);
	assert_int_equal((int64_t)SAL(f, 0x01000012, 3), -2);
	assert_int_equal((int64_t)SAL(f, 0x01000001, 0, 0, BUFFER), -5);
	assert_int_equal(SAL(f, 0x01000002, 0), 0);
	assert_true(f->v->gr[9] > 0);
	assert_int_equal((int64_t)SAL(f, 0x01000020), -1);
	assert_int_equal((int64_t)SAL(f, 0x01000099), -1);
	assert_int_equal(SAL(f, 0x01000013), 0);
	assert_int_equal(f->v->gr[9], 0);
}

static void efi_time(void **state)
{
	struct fixture *f = *state;
	uint8_t *t = ia64_memory_ptr(&f->mem, BUFFER, 16);
	time_t now = time(NULL);
	struct tm tm;

	assert_int_equal(EFI(f, 0, BUFFER, BUFFER + 0x100), 0);
	gmtime_r(&now, &tm);
	assert_in_range(t[0] | t[1] << 8, tm.tm_year + 1900, tm.tm_year + 1901);
	assert_true(EFI(f, 0, 0, 0) == EFI_ERROR(2));
	assert_true(EFI(f, 0, UNALLOCATED, 0) == EFI_ERROR(2));
	/* Set to a day, read back. */
	memset(t, 0, 16);
	t[0] = 2001 & 0xff;
	t[1] = 2001 >> 8;
	t[2] = 5;
	t[3] = 29;
	t[4] = 12;
	assert_int_equal(EFI(f, 1, BUFFER), 0);
	memset(t, 0xff, 16);
	assert_int_equal(EFI(f, 0, BUFFER, 0), 0);
	assert_int_equal(t[0] | t[1] << 8, 2001);
	assert_int_equal(t[2], 5);
	assert_int_equal(t[3], 29);
	t[2] = 13;
	assert_true(EFI(f, 1, BUFFER) == EFI_ERROR(2));
}

static void efi_wakeup(void **state)
{
	struct fixture *f = *state;

	assert_true(EFI(f, 2, BUFFER, BUFFER, BUFFER) == EFI_ERROR(3));
	assert_true(EFI(f, 3, 1, BUFFER) == EFI_ERROR(3));
}

#define NAME (BUFFER + 0x1000)
#define VENDOR (BUFFER + 0x2000)
#define SIZE (BUFFER + 0x3000)
#define DATA (BUFFER + 0x4000)
#define ATTRIBUTES (BUFFER + 0x6000)
#define RUNTIME_VARIABLE 7 /* non-volatile, at boot, at run time */

static void put(struct fixture *f, uint64_t at, const void *data, size_t size)
{
	assert_true(ia64_memory_write(&f->mem, at, data, size));
}

static uint64_t word(struct fixture *f, uint64_t at)
{
	uint64_t val;

	assert_true(ia64_memory_read(&f->mem, at, &val, sizeof(val)));
	return val;
}

static uint64_t set(struct fixture *f, const uint16_t *name, size_t chars, const char *data,
		    uint64_t size)
{
	put(f, NAME, name, chars * 2);
	if (data)
		put(f, DATA, data, size);
	return EFI(f, 8, NAME, VENDOR, RUNTIME_VARIABLE, size, DATA);
}

/* EFI 1.10, 7.1: set, get, listed, replaced, removed; what lasts is read again from the file. */
static void damage(const char *path, long at)
{
	FILE *f = fopen(path, "r+");

	fseek(f, at, SEEK_SET);
	fputs("damaged", f);
	fclose(f);
}

static void efi_variables(void **state)
{
	static const uint16_t one[] = { 'O', 'n', 'e', 0 }, two[] = { 'T', 'w', 'o', 0 };
	static const uint8_t vendor[16] = { 1, 2, 3 };
	char dir[] = "/tmp/paravane-nvram-XXXXXX", path[64];
	struct fixture *f = *state;
	struct error err;
	/* vendor, attributes, size, characters of the name, name, data */
	static const uint8_t old[16 + 12 + 2 + 1] = {
		[16] = 7, [20] = 1, [24] = 1, [28] = 'X', [30] = 'v',
	};
	struct nvram nvram, other;
	uint64_t size = 2;
	uint16_t nothing = 0;
	FILE *file;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/nvram", dir);
	assert_int_equal(nvram_init(&nvram, path, &err), 0);
	put(f, VENDOR, vendor, sizeof(vendor));
	assert_true(set(f, one, 4, "abcd", 4) == EFI_ERROR(3)); /* no store, as in a domain */
	f->fw.nvram = &nvram;
	assert_int_equal(set(f, one, 4, "abcd", 4), 0);
	assert_int_equal(set(f, two, 4, "xyz", 3), 0);
	/* Too small a buffer: the size it needs. */
	put(f, NAME, one, sizeof(one));
	put(f, SIZE, &size, sizeof(size));
	assert_true(EFI(f, 6, NAME, VENDOR, ATTRIBUTES, SIZE, DATA) == EFI_ERROR(5));
	assert_int_equal(word(f, SIZE), 4);
	assert_int_equal(EFI(f, 6, NAME, VENDOR, ATTRIBUTES, SIZE, DATA), 0);
	assert_int_equal(word(f, DATA) & 0xffffffff, 0x64636261);
	assert_int_equal(word(f, ATTRIBUTES) & 0xffffffff, RUNTIME_VARIABLE);
	/* Listed in order, to the end. */
	put(f, NAME, &nothing, 2);
	size = 1024;
	put(f, SIZE, &size, sizeof(size));
	assert_int_equal(EFI(f, 7, SIZE, NAME, VENDOR), 0);
	assert_int_equal(word(f, NAME), 0x0065006e004full);
	assert_int_equal(word(f, SIZE), 8);
	size = 1024;
	put(f, SIZE, &size, sizeof(size));
	assert_int_equal(EFI(f, 7, SIZE, NAME, VENDOR), 0);
	assert_int_equal(word(f, NAME), 0x006f00770054ull);
	assert_true(EFI(f, 7, SIZE, NAME, VENDOR) == EFI_ERROR(14));
	/* Replaced and removed. */
	assert_int_equal(set(f, one, 4, "q", 1), 0);
	assert_int_equal(set(f, two, 4, NULL, 0), 0);
	assert_true(set(f, two, 4, NULL, 0) == EFI_ERROR(14));
	/* Only what lasts and is there at run time can be set; sizes have limits. */
	assert_true(EFI(f, 8, NAME, VENDOR, 6, 1, DATA) == EFI_ERROR(2));
	assert_true(EFI(f, 8, NAME, VENDOR, 15, 1, DATA) == EFI_ERROR(2));
	assert_true(EFI(f, 8, NAME, VENDOR, 7, 1 << 20, DATA) == EFI_ERROR(9));
	assert_true(EFI(f, 8, UNALLOCATED, VENDOR, 7, 1, DATA) == EFI_ERROR(2));
	nvram_destroy(&nvram);

	assert_int_equal(nvram_init(&nvram, path, &err), 0);
	put(f, NAME, one, sizeof(one));
	assert_int_equal(EFI(f, 6, NAME, VENDOR, 0, SIZE, DATA), 0);
	assert_int_equal(word(f, DATA) & 0xff, 'q');
	put(f, NAME, two, sizeof(two));
	assert_true(EFI(f, 6, NAME, VENDOR, 0, SIZE, DATA) == EFI_ERROR(14));
	nvram_destroy(&nvram);
	/* One at a time. */
	assert_int_equal(nvram_init(&nvram, path, &err), 0);
	assert_int_equal(nvram_init(&other, path, &err), -1);
	assert_non_null(strstr(err.msg, "another machine"));
	nvram_destroy(&other);
	/* What a loss of power leaves half written is not missed: the other copy is whole. */
	assert_int_equal(set(f, one, 4, "r", 1), 0);
	assert_int_equal(set(f, one, 4, "s", 1), 0);
	damage(path, (nvram.saves & 1) * 0x40000 + 30);
	nvram_destroy(&nvram);
	assert_int_equal(nvram_init(&nvram, path, &err), 0);
	put(f, NAME, one, sizeof(one));
	assert_int_equal(EFI(f, 6, NAME, VENDOR, 0, SIZE, DATA), 0);
	assert_int_equal(word(f, DATA) & 0xff, 'r');
	nvram_destroy(&nvram);
	/* As it was written before there were copies. */
	file = fopen(path, "w");
	fwrite("PVNVRAM1", 8, 1, file);
	fwrite(old, sizeof(old), 1, file);
	fclose(file);
	assert_int_equal(nvram_init(&nvram, path, &err), 0);
	nvram_destroy(&nvram);
	assert_int_equal(nvram_init(&nvram, path, &err), 0);
	assert_non_null(nvram.first);
	assert_int_equal(nvram.first->name[0], 'X');
	assert_int_equal(nvram.first->data[0], 'v');
	nvram_destroy(&nvram);
	/* A file that is something else, and one that is cut short, are named. */
	assert_int_equal(truncate(path, 20), 0);
	assert_int_equal(nvram_init(&nvram, path, &err), -1);
	assert_non_null(strstr(err.msg, path));
	nvram_destroy(&nvram);
	file = fopen(path, "w");
	fputs("#!/bin/sh\n", file);
	fclose(file);
	assert_int_equal(nvram_init(&nvram, path, &err), -1);
	nvram_destroy(&nvram);
	unlink(path);
	rmdir(dir);
	f->fw.nvram = NULL;
}

static void efi_reset_ends_the_machine(void **state)
{
	struct fixture *f = *state;

	EFI(f, 10, 1, 0, 0, 0);
	assert_int_equal(f->requests, 1);
	assert_int_equal(f->request, PM_REQUEST_RESET);
	assert_int_equal(f->v->ip, FW_EFI_ENTRY(10)); /* does not return */
	assert_int_equal(f->v->ri, 0);
	EFI(f, 10, 2, 0, 0, 0);
	assert_int_equal(f->request, PM_REQUEST_POWEROFF);
}

static void efi_goes_virtual_once(void **state)
{
	struct fixture *f = *state;
	struct efi_memory_descriptor *map = ia64_memory_ptr(&f->mem, BUFFER, 4096);
	const uint64_t offset = 0xe000000000000000ull;
	uint64_t runtime, get_time, ip;
	unsigned int n = efi_memory_map(&f->fw, NULL, 0, map, 64), i;

	for (i = 0; i < n; i++)
		map[i].virt = map[i].start + offset;
	assert_true(EFI(f, 4, n * sizeof(*map), 8, 1, BUFFER) == EFI_ERROR(2));
	assert_true(EFI(f, 4, n * sizeof(*map), sizeof(*map), 9, BUFFER) == EFI_ERROR(2));
	assert_int_equal(EFI(f, 4, n * sizeof(*map), sizeof(*map), 1, BUFFER), 0);
	assert_true(EFI(f, 4, n * sizeof(*map), sizeof(*map), 1, BUFFER) == EFI_ERROR(3));
	ia64_memory_read(&f->mem, FW_EFI_SYSTAB + 88, &runtime, 8);
	assert_true(runtime >> 61 == 7);
	ia64_memory_read(&f->mem, runtime - offset + 24, &get_time, 8);
	assert_true(get_time >> 61 == 7);
	ia64_memory_read(&f->mem, get_time - offset, &ip, 8);
	assert_true(ip == FW_EFI_ENTRY(0) + offset);
}

static void a_missing_translation_is_the_guests_to_serve(void **state)
{
	struct fixture *f = *state;

	ia64_set_psr(f->v, PSR_BN | PSR_IC | PSR_DT | PSR_IT | PSR_RT);
	f->v->cr[CR_IVA] = 0x100000;
	EFI(f, 0, 0xe000000000200000ull, 0);
	/* The miss is delivered at the break, which executes again after it. */
	assert_int_equal(f->v->ip & ~0x7fffull, 0x100000);
	assert_int_equal(f->v->cr[CR_IIP], FW_EFI_ENTRY(0));
	assert_int_equal(f->v->cr[CR_IFA], 0xe000000000200000ull);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(breaks_elsewhere_are_not_calls, setup, teardown),
		cmocka_unit_test_setup_teardown(pal_describes_the_processor, setup, teardown),
		cmocka_unit_test_setup_teardown(pal_registers, setup, teardown),
		cmocka_unit_test_setup_teardown(pal_caches, setup, teardown),
		cmocka_unit_test_setup_teardown(pal_unimplemented_and_unknown, setup, teardown),
		cmocka_unit_test_setup_teardown(pal_buffers, setup, teardown),
		cmocka_unit_test_setup_teardown(sal_vectors_and_rendezvous, setup, teardown),
		cmocka_unit_test_setup_teardown(sal_pci_configuration, setup, teardown),
		cmocka_unit_test_setup_teardown(sal_information, setup, teardown),
		cmocka_unit_test_setup_teardown(efi_time, setup, teardown),
		cmocka_unit_test_setup_teardown(efi_wakeup, setup, teardown),
		cmocka_unit_test_setup_teardown(efi_variables, setup, teardown),
		cmocka_unit_test_setup_teardown(efi_reset_ends_the_machine, setup, teardown),
		cmocka_unit_test_setup_teardown(efi_goes_virtual_once, setup, teardown),
		cmocka_unit_test_setup_teardown(a_missing_translation_is_the_guests_to_serve, setup,
						teardown),
	};

	return cmocka_run_group_tests_name("firmware", tests, NULL, NULL);
}
