/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The boot loader's checks: one line that names what is wrong, for every kind of bad file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "machine/boot.h"
#include "machine/firmware.h"

#define RAM (128ull << 20)
#define BASE 0x4000000ull

/* A kernel as small as can be: one segment of 64 bytes with the entry point at its start. */
struct image {
	Elf64_Ehdr eh;
	Elf64_Phdr ph;
	uint8_t text[64];
};

struct fixture {
	char dir[32], kernel[64], initrd[64];
	struct image image;
	struct error err;
};

static int setup(void **state)
{
	static struct fixture f;
	struct image *im = &f.image;

	memset(&f, 0, sizeof(f));
	strcpy(f.dir, "/tmp/bootXXXXXX");
	if (!mkdtemp(f.dir))
		return -1;
	snprintf(f.kernel, sizeof(f.kernel), "%s/kernel", f.dir);
	snprintf(f.initrd, sizeof(f.initrd), "%s/initrd", f.dir);
	memcpy(im->eh.e_ident, ELFMAG, SELFMAG);
	im->eh.e_ident[EI_CLASS] = ELFCLASS64;
	im->eh.e_ident[EI_DATA] = ELFDATA2LSB;
	im->eh.e_ident[EI_VERSION] = EV_CURRENT;
	im->eh.e_type = ET_EXEC;
	im->eh.e_machine = EM_IA_64;
	im->eh.e_version = EV_CURRENT;
	im->eh.e_entry = BASE;
	im->eh.e_phoff = offsetof(struct image, ph);
	im->eh.e_ehsize = sizeof(im->eh);
	im->eh.e_phentsize = sizeof(im->ph);
	im->eh.e_phnum = 1;
	im->ph.p_type = PT_LOAD;
	im->ph.p_offset = offsetof(struct image, text);
	im->ph.p_vaddr = 0xa000000100000000ull;
	im->ph.p_paddr = BASE;
	im->ph.p_filesz = sizeof(im->text);
	im->ph.p_memsz = 0x20000;
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	unlink(f->kernel);
	unlink(f->initrd);
	return rmdir(f->dir);
}

static void write_file(const char *path, const void *data, size_t size)
{
	FILE *out = fopen(path, "wb");

	assert_non_null(out);
	assert_int_equal(fwrite(data, 1, size, out), size);
	fclose(out);
}

/* Prepares with the image as it is now; `what` must be in the message. */
static void refuses(struct fixture *f, size_t size, const char *what)
{
	struct boot b;

	write_file(f->kernel, &f->image, size);
	assert_int_equal(boot_prepare(&b, f->kernel, NULL, NULL, RAM, &f->err), -1);
	if (!strstr(f->err.msg, what))
		fail_msg("'%s' is not in '%s'", what, f->err.msg);
	assert_non_null(strstr(f->err.msg, f->kernel));
	assert_null(strchr(f->err.msg, '\n'));
}

static void accepts_a_good_kernel(void **state)
{
	struct fixture *f = *state;
	struct boot b;

	write_file(f->kernel, &f->image, sizeof(f->image));
	assert_int_equal(boot_prepare(&b, f->kernel, NULL, "quiet", RAM, &f->err), 0);
	assert_int_equal(b.entry, BASE);
	assert_int_equal(b.kernel_start, BASE);
	assert_int_equal(b.kernel_end, BASE + 0x20000);
	boot_free(&b);
}

static void translates_a_virtual_entry_point(void **state)
{
	struct fixture *f = *state;
	struct boot b;

	f->image.eh.e_entry = 0xa000000100000010ull;
	write_file(f->kernel, &f->image, sizeof(f->image));
	assert_int_equal(boot_prepare(&b, f->kernel, NULL, NULL, RAM, &f->err), 0);
	assert_int_equal(b.entry, BASE + 0x10);
	boot_free(&b);
}

static void accepts_gzip(void **state)
{
	struct fixture *f = *state;
	struct boot b;
	gzFile gz = gzopen(f->kernel, "wb");

	assert_int_equal(gzwrite(gz, &f->image, sizeof(f->image)), sizeof(f->image));
	gzclose(gz);
	assert_int_equal(boot_prepare(&b, f->kernel, NULL, NULL, RAM, &f->err), 0);
	assert_int_equal(b.kernel_size, sizeof(f->image));
	boot_free(&b);
	assert_int_equal(truncate(f->kernel, 40), 0);
	assert_int_equal(boot_prepare(&b, f->kernel, NULL, NULL, RAM, &f->err), -1);
	assert_non_null(strstr(f->err.msg, "gzip"));
}

static void refuses_what_is_no_file(void **state)
{
	struct fixture *f = *state;
	struct boot b;

	assert_int_equal(boot_prepare(&b, "/nonexistent", NULL, NULL, RAM, &f->err), -1);
	assert_non_null(strstr(f->err.msg, "/nonexistent"));
	assert_int_equal(boot_prepare(&b, f->dir, NULL, NULL, RAM, &f->err), -1);
	assert_non_null(strstr(f->err.msg, "regular"));
	refuses(f, 0, "0 bytes");
}

static void refuses_other_formats(void **state)
{
	struct fixture *f = *state;

	f->image.eh.e_ident[0] = 'x';
	refuses(f, sizeof(f->image), "not an ELF");
	f->image.eh.e_ident[0] = ELFMAG0;
	f->image.eh.e_ident[EI_CLASS] = ELFCLASS32;
	refuses(f, sizeof(f->image), "64-bit");
	f->image.eh.e_ident[EI_CLASS] = ELFCLASS64;
	f->image.eh.e_ident[EI_DATA] = ELFDATA2MSB;
	refuses(f, sizeof(f->image), "little-endian");
	f->image.eh.e_ident[EI_DATA] = ELFDATA2LSB;
	f->image.eh.e_machine = EM_X86_64;
	refuses(f, sizeof(f->image), "machine");
	f->image.eh.e_machine = EM_IA_64;
	f->image.eh.e_type = ET_REL;
	refuses(f, sizeof(f->image), "not an executable");
}

static void refuses_truncated_files(void **state)
{
	struct fixture *f = *state;
	size_t size;

	for (size = 1; size < sizeof(f->image); size++)
		refuses(f, size, size < SELFMAG ? "ELF" : "truncated");
}

static void refuses_bad_segments(void **state)
{
	struct fixture *f = *state;
	Elf64_Phdr *ph = &f->image.ph, good = *ph;

	ph->p_offset = UINT64_MAX - 8;
	refuses(f, sizeof(f->image), "truncated");
	*ph = good;
	ph->p_memsz = 8;
	refuses(f, sizeof(f->image), "segment 0");
	*ph = good;
	ph->p_paddr = 0x1000;
	refuses(f, sizeof(f->image), "boot data");
	*ph = good;
	ph->p_paddr = 1ull << 40;
	refuses(f, sizeof(f->image), "outside memory");
	*ph = good;
	ph->p_memsz = UINT64_MAX - BASE;
	refuses(f, sizeof(f->image), "outside memory");
	*ph = good;
	ph->p_memsz = RAM;
	refuses(f, sizeof(f->image), "needs memory");
	*ph = good;
	ph->p_type = PT_NOTE;
	refuses(f, sizeof(f->image), "no loadable segment");
	*ph = good;
	f->image.eh.e_entry = 0x1234560;
	refuses(f, sizeof(f->image), "entry point");
}

static void initrd_must_fit(void **state)
{
	struct fixture *f = *state;
	struct boot b;
	static uint8_t data[100000];

	write_file(f->kernel, &f->image, sizeof(f->image));
	write_file(f->initrd, data, sizeof(data));
	assert_int_equal(boot_prepare(&b, f->kernel, f->initrd, NULL, RAM, &f->err), 0);
	assert_true(b.initrd_start >= b.kernel_end);
	assert_true(b.initrd_start + sizeof(data) <= RAM);
	boot_free(&b);
	assert_int_equal(boot_prepare(&b, f->kernel, f->initrd, NULL, BASE + 0x30000, &f->err), -1);
	assert_non_null(strstr(f->err.msg, f->initrd));
}

static void command_line_has_a_limit(void **state)
{
	struct fixture *f = *state;
	char line[BOOT_MAX_COMMAND_LINE + 2];
	struct boot b;

	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = 0;
	write_file(f->kernel, &f->image, sizeof(f->image));
	assert_int_equal(boot_prepare(&b, f->kernel, NULL, line, RAM, &f->err), -1);
	assert_non_null(strstr(f->err.msg, "2047"));
	assert_int_equal(boot_prepare(&b, f->kernel, NULL, line + 1, RAM, &f->err), 0);
	boot_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(accepts_a_good_kernel, setup, teardown),
		cmocka_unit_test_setup_teardown(translates_a_virtual_entry_point, setup, teardown),
		cmocka_unit_test_setup_teardown(accepts_gzip, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_what_is_no_file, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_other_formats, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_truncated_files, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_bad_segments, setup, teardown),
		cmocka_unit_test_setup_teardown(initrd_must_fit, setup, teardown),
		cmocka_unit_test_setup_teardown(command_line_has_a_limit, setup, teardown),
	};

	return cmocka_run_group_tests_name("boot loader", tests, NULL, NULL);
}
