/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PCI bus against PCI 3.0: configuration space, BAR sizing and decoding, INTx, MSI-X. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "machine/layout.h"
#include "machine/pci.h"

struct world {
	struct pci_bus *bus;
	struct pci_device *dev;
	int gsi_level[64];
	int gsi_changes;
	int msis;
	uint64_t msi_address;
	uint32_t msi_data;
	unsigned int bar;
	uint64_t offset, value;
	unsigned int size;
	int reads, writes;
};

static void set_gsi(void *ctx, unsigned int gsi, bool level)
{
	struct world *w = ctx;

	w->gsi_level[gsi] = level;
	w->gsi_changes++;
}

static void send_msi(void *ctx, uint64_t address, uint32_t data)
{
	struct world *w = ctx;

	w->msis++;
	w->msi_address = address;
	w->msi_data = data;
}

static uint64_t bar_read(void *ctx, unsigned int bar, uint64_t offset, unsigned int size)
{
	struct world *w = ctx;

	w->reads++;
	w->bar = bar;
	w->offset = offset;
	w->size = size;
	return 0x1122334455667788ull;
}

static void bar_write(void *ctx, unsigned int bar, uint64_t offset, unsigned int size, uint64_t val)
{
	struct world *w = ctx;

	w->writes++;
	w->bar = bar;
	w->offset = offset;
	w->size = size;
	w->value = val;
}

static const struct pci_device_ops ops = { .bar_read = bar_read, .bar_write = bar_write };

static const struct pci_device_info info = {
	.vendor = 0x1234, .device = 0x5678, .subsystem_vendor = 0xabcd, .subsystem = 0xef01,
	.class_code = 0x020100, .revision = 7, .intx = true,
	.bars = {
		[0] = { .kind = PCI_BAR_IO, .size = 64 },
		[1] = { .kind = PCI_BAR_MEM32, .size = 4096 },
		[2] = { .kind = PCI_BAR_MEM64, .size = 0x4000, .prefetchable = true },
	},
	.msix_vectors = 3, .msix_bar = 1,
};

#define DEVFN (1 << 3)

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct pci_host host = { .ctx = w, .set_gsi = set_gsi, .send_msi = send_msi };

	w->bus = pci_bus_create(&host);
	w->dev = pci_device_add(w->bus, &info, &ops, w, NULL);
	assert_non_null(w->dev);
	assert_int_equal(pci_device_slot(w->dev), 1);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	pci_bus_destroy(w->bus);
	free(w);
	return 0;
}

static uint32_t rd(struct world *w, unsigned int reg, unsigned int size)
{
	return pci_config_read(w->bus, 0, DEVFN, reg, size);
}

static void wr(struct world *w, unsigned int reg, unsigned int size, uint32_t val)
{
	pci_config_write(w->bus, 0, DEVFN, reg, size, val);
}

static void test_header(void **state)
{
	struct world *w = *state;

	assert_int_equal(rd(w, 0, 4), 0x56781234);
	assert_int_equal(rd(w, 8, 4), 0x02010007);
	assert_int_equal(rd(w, 0x2c, 4), 0xef01abcd);
	assert_int_equal(rd(w, 0x0e, 1), 0);
	assert_int_equal(rd(w, PCI_INTERRUPT_PIN, 1), 1);
	assert_int_equal(rd(w, PCI_INTERRUPT_LINE, 1), LAYOUT_PCI_GSI(1, 0));
	assert_int_equal(rd(w, PCI_COMMAND, 2), 7);
	/* What is fixed stays. */
	wr(w, 0, 4, 0xffffffff);
	wr(w, 8, 4, 0xffffffff);
	wr(w, 0x2c, 4, 0);
	wr(w, PCI_INTERRUPT_PIN, 1, 4);
	wr(w, PCI_CAPABILITY_LIST, 1, 0);
	assert_int_equal(rd(w, 0, 4), 0x56781234);
	assert_int_equal(rd(w, 8, 4), 0x02010007);
	assert_int_equal(rd(w, 0x2c, 4), 0xef01abcd);
	assert_int_equal(rd(w, PCI_INTERRUPT_PIN, 1), 1);
	assert_int_not_equal(rd(w, PCI_CAPABILITY_LIST, 1), 0);
	wr(w, PCI_COMMAND, 2, 0xffff);
	assert_int_equal(rd(w, PCI_COMMAND, 2), 0x407);
	wr(w, PCI_INTERRUPT_LINE, 1, 0x42);
	assert_int_equal(rd(w, PCI_INTERRUPT_LINE, 1), 0x42);
}

/* 6.1: reads where nobody is give all ones, writes go nowhere. */
static void test_nobody(void **state)
{
	struct world *w = *state;

	assert_int_equal(pci_config_read(w->bus, 0, 2 << 3, 0, 4), 0xffffffff);
	assert_int_equal(pci_config_read(w->bus, 0, 2 << 3, 0, 2), 0xffff);
	assert_int_equal(pci_config_read(w->bus, 0, DEVFN | 1, 0, 4), 0xffffffff);
	assert_int_equal(pci_config_read(w->bus, 1, DEVFN, 0, 4), 0xffffffff);
	assert_int_equal(pci_config_read(w->bus, 0, 0xffffffff, 0, 4), 0xffffffff);
	assert_int_equal(rd(w, 256, 4), 0xffffffff);
	assert_int_equal(rd(w, 0xffffffff, 1), 0xff);
	assert_int_equal(rd(w, 2, 4), 0xffffffff);
	assert_int_equal(rd(w, 1, 2), 0xffff);
	wr(w, 256, 4, 0);
	wr(w, 6, 4, 0);
	pci_config_write(w->bus, 3, DEVFN, 4, 2, 0);
	assert_int_equal(rd(w, PCI_COMMAND, 2), 7);
	assert_true(pci_function_exists(w->bus, 0, DEVFN));
	assert_true(pci_function_exists(w->bus, 0, 0));
	assert_false(pci_function_exists(w->bus, 0, DEVFN + 1));
	assert_false(pci_function_exists(w->bus, 0, 5 << 3));
}

static uint64_t bar64(struct world *w, unsigned int n)
{
	return (rd(w, PCI_BAR0 + 4 * n, 4) & ~15u) | (uint64_t)rd(w, PCI_BAR0 + 4 * n + 4, 4) << 32;
}

/* 6.2.5.1: all ones written give the size; firmware has put the BARs into the windows. */
static void test_bar_sizing(void **state)
{
	struct world *w = *state;
	uint32_t io = rd(w, PCI_BAR0, 4), mem = rd(w, PCI_BAR0 + 4, 4), lo = rd(w, PCI_BAR0 + 8, 4);

	assert_int_equal(io & 3, 1);
	assert_in_range(io & ~3u, LAYOUT_PCI_IO_BASE, LAYOUT_PCI_IO_BASE + LAYOUT_PCI_IO_SIZE - 64);
	assert_int_equal(io & 0x3c, 0);
	assert_int_equal(mem & 15, 0);
	assert_in_range(mem, LAYOUT_PCI_MEM_BASE, LAYOUT_PCI_MEM_BASE + LAYOUT_PCI_MEM_SIZE - 4096);
	assert_int_equal(lo & 15, 0xc);
	assert_int_equal(bar64(w, 2) & 0x3fff, 0);
	for (unsigned int n = 0; n < PCI_NR_BARS; n++)
		wr(w, PCI_BAR0 + 4 * n, 4, 0xffffffff);
	assert_int_equal(rd(w, PCI_BAR0, 4), 0xffffffc1);
	assert_int_equal(rd(w, PCI_BAR0 + 4, 4), 0xfffff000);
	assert_int_equal(rd(w, PCI_BAR0 + 8, 4), 0xffffc00c);
	assert_int_equal(rd(w, PCI_BAR0 + 12, 4), 0xffffffff);
	assert_int_equal(rd(w, PCI_BAR0 + 16, 4), 0);
	assert_int_equal(rd(w, PCI_BAR0 + 20, 4), 0);
	assert_int_equal(rd(w, 0x30, 4), 0);
}

static void test_decode(void **state)
{
	struct world *w = *state;
	uint64_t io = rd(w, PCI_BAR0, 4) & ~3u, mem = bar64(w, 2), val;

	assert_true(pci_io_read(w->bus, io + 8, 2, &val));
	assert_int_equal(val, 0x7788);
	assert_int_equal(w->bar, 0);
	assert_int_equal(w->offset, 8);
	assert_int_equal(w->size, 2);
	assert_true(pci_mem_write(w->bus, mem + 0x3ff8, 8, 0xa5a5a5a5a5a5a5a5ull));
	assert_int_equal(w->bar, 2);
	assert_int_equal(w->offset, 0x3ff8);
	assert_true(w->value == 0xa5a5a5a5a5a5a5a5ull);
	assert_true(pci_mem_write(w->bus, mem, 1, 0x1ff));
	assert_int_equal(w->value, 0xff);

	/* Across the end, just outside, in the wrong space. */
	assert_false(pci_mem_read(w->bus, mem + 0x3ffc, 8, &val));
	assert_true(val == ~0ull);
	assert_false(pci_io_read(w->bus, io + 63, 2, &val));
	assert_int_equal(val, 0xffff);
	assert_false(pci_io_write(w->bus, io + 64, 1, 0));
	assert_false(pci_mem_read(w->bus, io, 4, &val));
	assert_false(pci_mem_read(w->bus, ~0ull, 1, &val));

	/* 6.2.2: the command register switches decoding. */
	wr(w, PCI_COMMAND, 2, PCI_COMMAND_IO);
	assert_false(pci_mem_write(w->bus, mem, 4, 0));
	assert_true(pci_io_write(w->bus, io, 4, 0));
	wr(w, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	assert_true(pci_mem_write(w->bus, mem, 4, 0));
	assert_false(pci_io_write(w->bus, io, 4, 0));

	/* A moved BAR answers where it is now, at the very top of the address space too. */
	wr(w, PCI_BAR0 + 8, 4, 0xfffffff0);
	wr(w, PCI_BAR0 + 12, 4, 0xffffffff);
	assert_false(pci_mem_write(w->bus, mem, 4, 0));
	assert_true(pci_mem_write(w->bus, ~0ull, 1, 0));
	assert_int_equal(w->offset, 0x3fff);
	assert_false(pci_mem_write(w->bus, ~0ull, 2, 0));
	assert_false(pci_mem_write(w->bus, 0, 1, 0));
}

static void test_intx(void **state)
{
	struct world *w = *state;
	unsigned int gsi = LAYOUT_PCI_GSI(1, 0);
	struct pci_device *other = NULL;

	pci_intx(w->dev, true);
	pci_intx(w->dev, true);
	assert_int_equal(w->gsi_level[gsi], 1);
	assert_int_equal(w->gsi_changes, 1);
	assert_true(rd(w, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT);
	/* Interrupt Disable takes the line away, not the status. */
	wr(w, PCI_COMMAND, 2, 7 | PCI_COMMAND_INTX_DISABLE);
	assert_int_equal(w->gsi_level[gsi], 0);
	assert_true(rd(w, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT);
	wr(w, PCI_COMMAND, 2, 7);
	assert_int_equal(w->gsi_level[gsi], 1);

	/* A device that shares the input holds it up. */
	for (int i = 0; i < (int)LAYOUT_PCI_NR_GSIS; i++)
		other = pci_device_add(w->bus, &info, &ops, w, NULL);
	assert_int_equal(LAYOUT_PCI_GSI(pci_device_slot(other), 0), gsi);
	pci_intx(other, true);
	pci_intx(w->dev, false);
	assert_int_equal(w->gsi_level[gsi], 1);
	assert_false(rd(w, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT);
	pci_intx(other, false);
	assert_int_equal(w->gsi_level[gsi], 0);
}

/* 6.8.2 */
static void test_msix(void **state)
{
	struct world *w = *state;
	uint64_t table = rd(w, PCI_BAR0 + 4, 4), val;
	unsigned int cap = rd(w, PCI_CAPABILITY_LIST, 1);

	assert_int_equal(rd(w, cap, 1), PCI_CAP_ID_MSIX);
	assert_int_equal(rd(w, cap + 2, 2), 2);
	assert_int_equal(rd(w, cap + 4, 4), 1);
	assert_int_equal(rd(w, cap + 8, 4), 0x801);
	/* Entries start masked. */
	assert_true(pci_mem_read(w->bus, table + 12, 4, &val));
	assert_int_equal(val, 1);

	pci_msix(w->dev, 1); /* not enabled: lost */
	pci_mem_write(w->bus, table + 16, 8, 0xfee12345000ull + 3);
	pci_mem_write(w->bus, table + 24, 4, 0x55);
	wr(w, cap + 2, 2, 0xffff);
	assert_int_equal(rd(w, cap + 2, 2), 0xc002);
	assert_true(pci_msix_enabled(w->dev));

	/* Masked by the function, then by the entry: pending, sent once when both are gone. */
	pci_msix(w->dev, 1);
	pci_msix(w->dev, 1);
	wr(w, cap + 2, 2, 0x8000);
	assert_int_equal(w->msis, 0);
	pci_mem_read(w->bus, table + 0x800, 8, &val);
	assert_int_equal(val, 2);
	pci_mem_write(w->bus, table + 28, 4, 0);
	assert_int_equal(w->msis, 1);
	assert_true(w->msi_address == 0xfee12345000ull);
	assert_int_equal(w->msi_data, 0x55);
	pci_mem_read(w->bus, table + 0x800, 4, &val);
	assert_int_equal(val, 0);

	pci_msix(w->dev, 1);
	assert_int_equal(w->msis, 2);
	pci_msix(w->dev, 3); /* out of range */
	pci_msix(w->dev, 1000);
	assert_int_equal(w->msis, 2);

	/* No message leaves while the device may not be a bus master. */
	wr(w, PCI_COMMAND, 2, 3);
	pci_msix(w->dev, 1);
	assert_int_equal(w->msis, 2);
	wr(w, PCI_COMMAND, 2, 7);
	assert_int_equal(w->msis, 3);

	/* The whole BAR can be touched in any size without reaching the device. */
	for (uint64_t at = 0; at < 4096; at++)
		for (unsigned int size = 1; size <= 8 && at + size <= 4096; size *= 2) {
			pci_mem_write(w->bus, table + at, size, ~0ull);
			pci_mem_read(w->bus, table + at, size, &val);
		}
	assert_int_equal(w->reads, 0);
	assert_int_equal(w->writes, 0);
}

static void test_msix_silences_intx(void **state)
{
	struct world *w = *state;
	unsigned int cap = rd(w, PCI_CAPABILITY_LIST, 1);

	pci_intx(w->dev, true);
	wr(w, cap + 2, 2, 0x8000);
	assert_int_equal(w->gsi_level[LAYOUT_PCI_GSI(1, 0)], 0);
	wr(w, cap + 2, 2, 0);
	assert_int_equal(w->gsi_level[LAYOUT_PCI_GSI(1, 0)], 1);
	pci_intx(w->dev, false);
}

static void test_capabilities(void **state)
{
	struct world *w = *state;
	uint8_t body[20] = { [2] = 0xaa, [19] = 0xbb }, wmask[20] = { [19] = 0xf0 };
	unsigned int first = rd(w, PCI_CAPABILITY_LIST, 1), at, n = 0;

	at = pci_capability_add(w->dev, PCI_CAP_ID_VENDOR, body, wmask, sizeof(body));
	assert_int_equal(rd(w, first + 1, 1), at);
	assert_int_equal(rd(w, at, 1), PCI_CAP_ID_VENDOR);
	assert_int_equal(rd(w, at + 1, 1), 0);
	wr(w, at + 19, 1, 0x44);
	assert_int_equal(rd(w, at + 19, 1), 0x4b);
	while (pci_capability_add(w->dev, PCI_CAP_ID_VENDOR, body, NULL, sizeof(body)))
		assert_true(n++ < 12);
	assert_true(n > 5);
}

static void test_full(void **state)
{
	struct world *w = *state;
	struct pci_device_info big = info;
	struct error err = { "" };

	big.bars[2].size = LAYOUT_PCI_MEM_SIZE;
	assert_null(pci_device_add(w->bus, &big, &ops, w, &err));
	assert_non_null(strstr(err.msg, "memory space"));
	for (int i = 2; i < PCI_NR_SLOTS; i++)
		assert_non_null(pci_device_add(w->bus, &info, &ops, w, &err));
	assert_null(pci_device_add(w->bus, &info, &ops, w, &err));
	assert_non_null(strstr(err.msg, "31 devices"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_header, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nobody, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bar_sizing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_decode, setup, teardown),
		cmocka_unit_test_setup_teardown(test_intx, setup, teardown),
		cmocka_unit_test_setup_teardown(test_msix, setup, teardown),
		cmocka_unit_test_setup_teardown(test_msix_silences_intx, setup, teardown),
		cmocka_unit_test_setup_teardown(test_capabilities, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
