/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables that the firmware leaves in memory: where they are found, lengths, checksums. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <string.h>
#include <zlib.h>

#include "machine/aml.h"
#include "machine/firmware.h"
#include "machine/layout.h"

#define RAM (128ull << 20)

struct fixture {
	struct ia64_memory mem;
	struct ia64_system sys;
	struct firmware fw;
};

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	f.sys.nr_vcpus = 3;
	f.fw.sys = &f.sys;
	f.fw.mem = &f.mem;
	f.fw.ram_low = RAM;
	f.fw.ram_high = 1ull << 30;
	*state = &f;
	return ia64_memory_init(&f.mem, LAYOUT_RAM_HIGH) ||
	       ia64_memory_add_ram(&f.mem, LAYOUT_FIRMWARE_BASE, LAYOUT_FIRMWARE_SIZE) ||
	       firmware_init(&f.fw);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	firmware_destroy(&f->fw);
	ia64_memory_destroy(&f->mem);
	return 0;
}

static const uint8_t *at(struct fixture *f, uint64_t gpa, size_t len)
{
	const uint8_t *p = ia64_memory_ptr(&f->mem, gpa, len);

	assert_non_null(p);
	return p;
}

static uint64_t le(const uint8_t *p, unsigned int bytes)
{
	uint64_t v = 0;

	memcpy(&v, p, bytes);
	return v;
}

static unsigned int sum(const uint8_t *p, size_t len)
{
	uint8_t s = 0;

	while (len--)
		s = (uint8_t)(s + *p++);
	return s;
}

/* A table of the XSDT by its signature. */
static const uint8_t *find(struct fixture *f, const char *signature)
{
	const uint8_t *xsdt = at(f, le(at(f, FW_ACPI_RSDP, 36) + 24, 8), 36), *t;
	unsigned int i, n = (unsigned int)(le(xsdt + 4, 4) - 36) / 8;

	for (i = 0; i < n; i++) {
		t = at(f, le(xsdt + 36 + i * 8, 8), 36);
		if (!memcmp(t, signature, 4))
			return t;
	}
	fail_msg("no %s", signature);
	return NULL;
}

static void rsdp_and_xsdt(void **state)
{
	struct fixture *f = *state;
	const uint8_t *rsdp = at(f, FW_ACPI_RSDP, 36), *xsdt;

	assert_memory_equal(rsdp, "RSD PTR ", 8);
	assert_int_equal(rsdp[15], 2);
	assert_int_equal(sum(rsdp, 20), 0);
	assert_int_equal(sum(rsdp, 36), 0);
	xsdt = at(f, le(rsdp + 24, 8), 36);
	assert_memory_equal(xsdt, "XSDT", 4);
	assert_int_equal(sum(xsdt, le(xsdt + 4, 4)), 0);
}

static void every_table_adds_up_to_zero(void **state)
{
	static const char *const names[] = { "FACP", "APIC", "SPCR", "SRAT" };
	struct fixture *f = *state;
	const uint8_t *t;
	size_t i;

	for (i = 0; i < 4; i++) {
		t = find(f, names[i]);
		assert_int_equal(sum(t, le(t + 4, 4)), 0);
	}
}

static void fadt_points_to_dsdt_and_registers(void **state)
{
	struct fixture *f = *state;
	const uint8_t *fadt = find(f, "FACP"), *t;

	assert_int_equal(le(fadt + 4, 4), 244);
	assert_int_equal(fadt[8], 3);
	assert_int_equal(le(fadt + 40, 4), le(fadt + 140, 8));
	t = at(f, le(fadt + 140, 8), 36);
	assert_memory_equal(t, "DSDT", 4);
	assert_int_equal(sum(t, le(t + 4, 4)), 0);
	t = at(f, le(fadt + 132, 8), 64);
	assert_memory_equal(t, "FACS", 4);
	assert_int_equal(le(fadt + 132, 8) % 64, 0);
	assert_int_equal(le(fadt + 56, 4), LAYOUT_PM_PORT);
	assert_int_equal(le(fadt + 64, 4), LAYOUT_PM_PORT + 4);
}

static void madt_lists_processors_and_iosapic(void **state)
{
	struct fixture *f = *state;
	const uint8_t *madt = find(f, "APIC"), *p, *end = madt + le(madt + 4, 4);
	unsigned int lsapics = 0, iosapics = 0;

	assert_int_equal(le(madt + 36, 4), LAYOUT_IPI_BASE);
	for (p = madt + 44; p < end; p += p[1]) {
		assert_true(p[1] >= 2);
		if (p[0] == 7) {
			assert_int_equal(p[3], lsapics);
			assert_int_equal(p[4], 0);
			assert_int_equal(le(p + 8, 4), 1);
			lsapics++;
		} else if (p[0] == 6) {
			assert_int_equal(le(p + 4, 4), 0);
			assert_int_equal(le(p + 8, 8), LAYOUT_IOSAPIC_BASE);
			iosapics++;
		}
	}
	assert_ptr_equal(p, end);
	assert_int_equal(lsapics, 3);
	assert_int_equal(iosapics, 1);
}

/* One domain, 0: all memory, and each processor of the MADT once. */
static void srat_has_everything(void **state)
{
	struct fixture *f = *state;
	const uint8_t *srat = find(f, "SRAT"), *p, *end = srat + le(srat + 4, 4);
	unsigned int processors = 0;
	uint64_t memory = 0;

	assert_int_equal(le(srat + 36, 4), 1);
	for (p = srat + 48; p < end; p += p[1]) {
		if (p[0] == 0) {
			assert_int_equal(p[1], 16);
			assert_int_equal(p[2], 0);
			assert_int_equal(p[3], processors++);
			assert_int_equal(le(p + 4, 4), 1);
			assert_int_equal(p[8], 0);
		} else {
			assert_int_equal(p[0], 1);
			assert_int_equal(p[1], 40);
			assert_int_equal(le(p + 2, 4), 0);
			assert_int_equal(le(p + 28, 4), le(p + 16, 8) != 0);
			memory += le(p + 16, 8);
		}
	}
	assert_ptr_equal(p, end);
	assert_int_equal(processors, 3);
	assert_int_equal(memory, f->fw.ram_low + f->fw.ram_high);
}

static void sal_and_console_tables(void **state)
{
	struct fixture *f = *state;
	const uint8_t *t = at(f, FW_SAL_SYSTAB, 160);

	assert_memory_equal(t, "SST_", 4);
	assert_int_equal(le(t + 4, 4), 160);
	assert_int_equal(sum(t, 160), 0);
	assert_int_equal(le(t + 10, 2), 2);
	assert_int_equal(t[96], 0);
	assert_int_equal(le(t + 104, 8), FW_PAL_PROC);
	assert_int_equal(le(t + 112, 8), FW_SAL_PROC);
	assert_int_equal(t[144], 5);
	t = at(f, FW_HCDP, 4096);
	assert_memory_equal(t, "HCDP", 4);
	assert_int_equal(sum(t, le(t + 4, 4)), 0);
}

static void efi_system_table(void **state)
{
	struct fixture *f = *state;
	uint8_t t[120];
	uint32_t crc;

	memcpy(t, at(f, FW_EFI_SYSTAB, 120), 120);
	assert_memory_equal(t, "IBI SYST", 8);
	assert_int_equal(le(t + 12, 4), 120);
	crc = (uint32_t)le(t + 16, 4);
	memset(t + 16, 0, 4);
	assert_int_equal(crc32(0, t, 120), crc);
	assert_int_equal(le(t + 104, 8), 3);
}

static void memory_map_covers_memory_once(void **state)
{
	struct fixture *f = *state;
	const struct efi_used used[] = {
		{ EFI_LOADER_CODE, 0x4000000, 0x100000 },
		{ EFI_LOADER_DATA, RAM - 0x10000, 0x10000 },
	};
	struct efi_memory_descriptor map[64];
	unsigned int i, n = efi_memory_map(&f->fw, used, 2, map, 64);
	uint64_t next = 0, low = 0, high = LAYOUT_RAM_HIGH, size;

	assert_in_range(n, 1, 63);
	for (i = 0; i < n; i++) {
		size = map[i].pages * EFI_PAGE_SIZE;
		assert_true(map[i].start >= next);
		next = map[i].start + size;
		if (map[i].start == low)
			low += size;
		else if (map[i].start == high)
			high += size;
		else
			assert_in_range(map[i].start, RAM, LAYOUT_RAM_HIGH - 1);
	}
	assert_int_equal(low, RAM);
	assert_int_equal(high, LAYOUT_RAM_HIGH + f->fw.ram_high);
	assert_int_equal(efi_memory_map(&f->fw, used, 2, map, 3), 0);
}

static void aml_package_lengths(void **state)
{
	static const struct {
		unsigned int bytes;
		uint8_t expect[4];
		unsigned int n;
	} cases[] = {
		/* The length counts itself and the element count. */
		{ 61, { 0x3f }, 1 },
		{ 62, { 0x41, 0x04 }, 2 },
		{ 4092, { 0x4f, 0xff }, 2 },
		{ 4093, { 0x81, 0x00, 0x01 }, 3 },
	};
	static uint8_t buf[8192];
	struct aml a;
	unsigned int i, k;

	for (i = 0; i < 4; i++) {
		aml_init(&a, buf, sizeof(buf));
		aml_package(&a, 0);
		for (k = 0; k < cases[i].bytes; k++)
			aml_integer(&a, 0);
		aml_end(&a);
		assert_false(a.full);
		assert_int_equal(a.len, 1 + cases[i].n + 1 + cases[i].bytes);
		assert_memory_equal(buf + 1, cases[i].expect, cases[i].n);
	}
	aml_init(&a, buf, 3);
	aml_integer(&a, 0x12345678);
	assert_true(a.full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rsdp_and_xsdt, setup, teardown),
		cmocka_unit_test_setup_teardown(every_table_adds_up_to_zero, setup, teardown),
		cmocka_unit_test_setup_teardown(fadt_points_to_dsdt_and_registers, setup, teardown),
		cmocka_unit_test_setup_teardown(madt_lists_processors_and_iosapic, setup, teardown),
		cmocka_unit_test_setup_teardown(srat_has_everything, setup, teardown),
		cmocka_unit_test_setup_teardown(sal_and_console_tables, setup, teardown),
		cmocka_unit_test_setup_teardown(efi_system_table, setup, teardown),
		cmocka_unit_test_setup_teardown(memory_map_covers_memory_once, setup, teardown),
		cmocka_unit_test(aml_package_lengths),
	};

	return cmocka_run_group_tests_name("firmware tables", tests, NULL, NULL);
}
