/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads an IA-64 kernel and what belongs to it, and hands over like a boot loader. */
#include "machine/boot.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "backend/fdpath.h"
#include "ia64/interruption.h"
#include "ia64/rse.h"
#include "machine/firmware.h"
#include "machine/layout.h"
#include "machine/symbols.h"

#define MAX_IMAGE (2ull << 30) /* bytes of a kernel or initrd file, unpacked */
#define ALIGNMENT 0x10000ull   /* the largest page size of IA-64 kernels */

#define ACCEPTED "a 64-bit little-endian IA-64 ELF executable, plain or gzip, is accepted"

/* Where things lie in FW_BOOT_DATA. */
#define PARAM_ADDRESS FW_BOOT_DATA
#define MAP_ADDRESS (FW_BOOT_DATA + 0x1000)
#define MAP_MAX 64
#define COMMAND_LINE_ADDRESS (FW_BOOT_DATA + 0x4000)
#define BSPSTORE_ADDRESS (FW_BOOT_DATA + 0x8000)
#define STACK_ADDRESS (FW_BOOT_DATA + FW_BOOT_DATA_SIZE - 0x100)

/* What r28 points to. */
struct boot_param {
	uint64_t command_line, efi_systab, efi_memmap, efi_memmap_size, efi_memdesc_size;
	uint32_t efi_memdesc_version;
	uint16_t num_cols, num_rows, orig_x, orig_y;
	uint32_t pad;
	uint64_t fpswa, initrd_start, initrd_size;
};
_Static_assert(sizeof(struct boot_param) == 80, "struct ia64_boot_param");

static int read_file(const char *what, const char *path, uint8_t **buf, size_t *size,
		     struct error *err)
{
	struct stat st;
	ssize_t n = 0;
	size_t done;
	int fd = fdpath_open(path, O_RDONLY, 0);

	if (fd < 0)
		return error_set(err, "%s '%s': %s", what, path, strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return error_set(err, "%s '%s': not a regular file", what, path);
	}
	if (st.st_size == 0 || (uint64_t)st.st_size > MAX_IMAGE) {
		close(fd);
		return error_set(err, "%s '%s': has %lld bytes; 1 byte to %llu MB are accepted",
				 what, path, (long long)st.st_size, MAX_IMAGE >> 20);
	}
	*size = (size_t)st.st_size;
	*buf = malloc(*size);
	for (done = 0; *buf && done < *size; done += (size_t)n) {
		n = read(fd, *buf + done, *size - done);
		if (n <= 0)
			break;
	}
	close(fd);
	if (*buf && done == *size)
		return 0;
	if (!*buf)
		return error_set(err, "%s '%s': out of memory", what, path);
	free(*buf);
	*buf = NULL;
	return error_set(err, "%s '%s': %s", what, path,
			 n < 0 ? strerror(errno) : "shorter than its size says");
}

/* Replaces *buf by what is packed in it if it is gzip. */
static int gunzip(const char *path, uint8_t **buf, size_t *size, struct error *err)
{
	z_stream z = { 0 };
	size_t room = *size * 4 + 65536;
	uint8_t *out, *bigger;
	int rc;

	if (*size < 2 || (*buf)[0] != 0x1f || (*buf)[1] != 0x8b)
		return 0;
	out = malloc(room);
	if (!out || inflateInit2(&z, 15 + 16) != Z_OK) {
		free(out);
		return error_set(err, "kernel '%s': out of memory", path);
	}
	z.next_in = *buf;
	z.avail_in = (uInt)*size;
	do {
		if (z.total_out == room) {
			room *= 2;
			bigger = room <= 2 * MAX_IMAGE ? realloc(out, room) : NULL;
			if (!bigger) {
				rc = Z_MEM_ERROR;
				break;
			}
			out = bigger;
		}
		z.next_out = out + z.total_out;
		z.avail_out = (uInt)(room - z.total_out > 1 << 30 ? 1 << 30 : room - z.total_out);
		rc = inflate(&z, Z_NO_FLUSH);
	} while (rc == Z_OK || (rc == Z_BUF_ERROR && z.avail_in));
	inflateEnd(&z);
	if (rc != Z_STREAM_END) {
		free(out);
		return error_set(
			err, "kernel '%s': the gzip data is damaged or cut short; " ACCEPTED, path);
	}
	free(*buf);
	*buf = out;
	*size = z.total_out;
	return 0;
}

/* Checks program header n; fills in *ph. 1: loadable, 0: of no concern, -1: bad. */
static int check_segment(const struct boot *b, const char *path, unsigned int n, uint64_t ram_low,
			 Elf64_Phdr *ph, struct error *err)
{
	const Elf64_Ehdr *eh = (const Elf64_Ehdr *)b->kernel;
	uint64_t lowest = FW_BOOT_DATA + FW_BOOT_DATA_SIZE;

	memcpy(ph, b->kernel + eh->e_phoff + n * sizeof(*ph), sizeof(*ph));
	if (ph->p_type != PT_LOAD || !ph->p_memsz)
		return 0;
	if (ph->p_offset > b->kernel_size || ph->p_filesz > b->kernel_size - ph->p_offset)
		return error_set(err,
				 "kernel '%s': truncated: segment %u ends at byte %llu, the file "
				 "has %zu",
				 path, n, (unsigned long long)(ph->p_offset + ph->p_filesz),
				 b->kernel_size);
	if (ph->p_filesz > ph->p_memsz || ph->p_paddr + ph->p_memsz < ph->p_paddr)
		return error_set(err, "kernel '%s': segment %u has sizes that do not fit together",
				 path, n);
	if (ph->p_paddr < lowest)
		return error_set(err, "kernel '%s': segment %u at 0x%llx lies in the boot data; "
				 "0x%llx and above is accepted", path, n,
				 (unsigned long long)ph->p_paddr, (unsigned long long)lowest);
	if (ph->p_paddr >= LAYOUT_RAM_LOW_END ||
	    ph->p_memsz > LAYOUT_RAM_LOW_END - ph->p_paddr)
		return error_set(err,
				 "kernel '%s': segment %u at 0x%llx lies outside memory; below "
				 "0x%llx is accepted",
				 path, n, (unsigned long long)ph->p_paddr, LAYOUT_RAM_LOW_END);
	if (ph->p_paddr + ph->p_memsz > ram_low)
		return error_set(
			err, "kernel '%s': needs memory up to %llu MB, the machine has %llu MB",
			path, (unsigned long long)(ph->p_paddr + ph->p_memsz + 0xfffff) >> 20,
			(unsigned long long)ram_low >> 20);
	return 1;
}

static int check_kernel(struct boot *b, const char *path, uint64_t ram_low, struct error *err)
{
	const char *wrong = elf_check(b->kernel, b->kernel_size);
	uint64_t start = UINT64_MAX, end = 0, entry = 0;
	Elf64_Ehdr eh;
	Elf64_Phdr ph;
	unsigned int n;
	int rc;

	if (wrong)
		return error_set(err, "kernel '%s': %s", path, wrong);
	memcpy(&eh, b->kernel, sizeof(eh));
	if (eh.e_type != ET_EXEC)
		return error_set(err, "kernel '%s': not an executable (ELF type %u); " ACCEPTED,
				 path, eh.e_type);
	if (eh.e_phentsize != sizeof(ph) || eh.e_phoff > b->kernel_size ||
	    eh.e_phnum * sizeof(ph) > b->kernel_size - eh.e_phoff)
		return error_set(err,
				 "kernel '%s': truncated: the program headers lie outside the file",
				 path);
	for (n = 0; n < eh.e_phnum; n++) {
		rc = check_segment(b, path, n, ram_low, &ph, err);
		if (rc < 0)
			return -1;
		if (!rc)
			continue;
		if (ph.p_paddr < start)
			start = ph.p_paddr;
		if (ph.p_paddr + ph.p_memsz > end)
			end = ph.p_paddr + ph.p_memsz;
		if (eh.e_entry - ph.p_paddr < ph.p_filesz)
			entry = eh.e_entry;
		else if (!entry && eh.e_entry - ph.p_vaddr < ph.p_filesz)
			entry = eh.e_entry - ph.p_vaddr + ph.p_paddr;
	}
	if (!end)
		return error_set(err, "kernel '%s': has no loadable segment", path);
	if (!entry || entry & 15)
		return error_set(err,
				 "kernel '%s': the entry point 0x%llx is not in a loaded segment",
				 path, (unsigned long long)eh.e_entry);
	b->entry = entry;
	b->kernel_start = start & ~(ALIGNMENT - 1);
	b->kernel_end = (end + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	return 0;
}

/* At the top of low memory. */
static int check_initrd(struct boot *b, const char *path, uint64_t ram_low, struct error *err)
{
	uint64_t room = ram_low > b->kernel_end ? ram_low - b->kernel_end : 0;

	if (b->initrd_size > room)
		return error_set(err,
				 "initrd '%s': has %zu KB, %llu KB of memory are left beside the "
				 "kernel",
				 path, b->initrd_size >> 10, (unsigned long long)room >> 10);
	b->initrd_start = (ram_low - b->initrd_size) & ~(ALIGNMENT - 1);
	if (b->initrd_start < b->kernel_end)
		b->initrd_start = b->kernel_end;
	return 0;
}

int boot_prepare(struct boot *b, const char *kernel, const char *initrd, const char *append,
		 uint64_t ram_low, struct error *err)
{
	memset(b, 0, sizeof(*b));
	b->append = append ? append : "";
	if (strlen(b->append) > BOOT_MAX_COMMAND_LINE)
		return error_set(err, "command line: has %zu characters; at most %d are accepted",
				 strlen(b->append), BOOT_MAX_COMMAND_LINE);
	if (read_file("kernel", kernel, &b->kernel, &b->kernel_size, err) < 0 ||
	    gunzip(kernel, &b->kernel, &b->kernel_size, err) < 0 ||
	    check_kernel(b, kernel, ram_low, err) < 0)
		goto fail;
	if (initrd && (read_file("initrd", initrd, &b->initrd, &b->initrd_size, err) < 0 ||
		       check_initrd(b, initrd, ram_low, err) < 0))
		goto fail;
	return 0;
fail:
	boot_free(b);
	return -1;
}

void boot_free(struct boot *b)
{
	free(b->kernel);
	free(b->initrd);
	b->kernel = b->initrd = NULL;
}

static unsigned int used_ranges(const struct boot *b, struct efi_used used[2])
{
	used[0] = (struct efi_used){ EFI_LOADER_CODE, b->kernel_start,
				     b->kernel_end - b->kernel_start };
	if (!b->initrd_size)
		return 1;
	used[1] = (struct efi_used){ EFI_LOADER_DATA, b->initrd_start,
				     (b->initrd_size + EFI_PAGE_SIZE - 1) & ~(EFI_PAGE_SIZE - 1) };
	return 2;
}

int boot_place(struct boot *b, struct firmware *fw, struct error *err)
{
	const Elf64_Ehdr *eh = (const Elf64_Ehdr *)b->kernel;
	struct efi_memory_descriptor map[MAP_MAX];
	struct efi_used used[2];
	struct boot_param param = {
		.command_line = COMMAND_LINE_ADDRESS,
		.efi_systab = FW_EFI_SYSTAB,
		.efi_memmap = MAP_ADDRESS,
		.efi_memdesc_size = sizeof(map[0]),
		.efi_memdesc_version = EFI_MEMORY_DESCRIPTOR_VERSION,
		.num_cols = 80,
		.num_rows = 25,
		.initrd_start = b->initrd_size ? b->initrd_start : 0,
		.initrd_size = b->initrd_size,
	};
	Elf64_Phdr ph;
	unsigned int n;

	for (n = 0; n < eh->e_phnum; n++) {
		memcpy(&ph, b->kernel + eh->e_phoff + n * sizeof(ph), sizeof(ph));
		if (ph.p_type == PT_LOAD && ph.p_memsz &&
		    !ia64_memory_write(fw->mem, ph.p_paddr, b->kernel + ph.p_offset, ph.p_filesz))
			return error_set(err, "kernel: segment %u does not fit in memory", n);
	}
	n = efi_memory_map(fw, used, used_ranges(b, used), map, MAP_MAX);
	param.efi_memmap_size = n * sizeof(map[0]);
	if (!n || !ia64_memory_write(fw->mem, b->initrd_start, b->initrd, b->initrd_size) ||
	    !ia64_memory_write(fw->mem, MAP_ADDRESS, map, n * sizeof(map[0])) ||
	    !ia64_memory_write(fw->mem, COMMAND_LINE_ADDRESS, b->append, strlen(b->append) + 1) ||
	    !ia64_memory_write(fw->mem, PARAM_ADDRESS, &param, sizeof(param)))
		return error_set(err, "boot data does not fit in memory");
	return 0;
}

void boot_enter(const struct boot *b, struct vcpu *v)
{
	ia64_set_psr(v, PSR_BN | PSR_IC | PSR_AC);
	v->gr[12] = STACK_ADDRESS;
	v->gr[28] = PARAM_ADDRESS;
	ia64_set_cfm(v, 0);
	ia64_rse_ar_write(v, AR_BSPSTORE, BSPSTORE_ADDRESS);
	v->ip = b->entry;
	v->ri = 0;
}
