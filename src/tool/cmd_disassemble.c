/* SPDX-License-Identifier: GPL-2.0-or-later */
/* paravane disassemble: code of an ELF file, or with --raw bare bundles, as objdump -d shows it. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ia64/disasm.h"
#include "machine/symbols.h"
#include "tool/commands.h"

struct disassemble_args {
	const char *file;
	bool raw;
	char path[4096];
};

struct image {
	const uint8_t *data;
	size_t size;
};

/* A run of bundles and how to name addresses in it. */
struct code {
	const char *name;
	const uint8_t *data;
	uint64_t size, addr;
	uint16_t section;
	const struct symbol_table *symbols;
};

static const struct symbol *symbol_near(const struct code *code, uint64_t addr)
{
	return symbols_find(code->symbols, code->section, addr);
}

static void print_address(const struct code *code, uint64_t addr)
{
	const struct symbol *sym = symbol_near(code, addr);

	printf("%" PRIx64, addr);
	if (sym && sym->value == addr)
		printf(" <%s>", sym->name);
	else if (sym)
		printf(" <%s+0x%" PRIx64 ">", sym->name, addr - sym->value);
	else if (addr == code->addr)
		printf(" <%s>", code->name);
	else if (addr > code->addr && addr < code->addr + code->size)
		printf(" <%s+0x%" PRIx64 ">", code->name, addr - code->addr);
}

/* Do the hexadecimal operands of this instruction name places in the code? */
static bool has_target(const char *text)
{
	if (*text == '(')
		text += strcspn(text, ")") + 1;
	text += strspn(text, " ");
	/* A mov to a branch register may name where the branch will be from. */
	return (!strncmp(text, "br", 2) && strncmp(text, "break", 5)) ||
	       !strncmp(text, "chk.", 4) || !strncmp(text, "fchkf", 5) ||
	       (!strncmp(text, "mov", 3) && strstr(text, " b"));
}

static void print_text(const struct code *code, const char *text)
{
	bool targets = has_target(text);

	while (*text) {
		char *end;

		if (targets && text[0] == '0' && text[1] == 'x') {
			print_address(code, strtoull(text, &end, 16));
			text = end;
		} else {
			putchar(*text++);
		}
	}
}

static void print_bundle(const struct code *code, uint64_t offset)
{
	static const struct { uint8_t first, count; } bytes[3] = { { 0, 6 }, { 6, 6 }, { 12, 4 } };
	const uint8_t *bundle = code->data + offset;
	struct ia64_disasm dis;
	bool mlx, stop;

	ia64_disasm_bundle(bundle, code->addr + offset, &dis);
	mlx = !dis.text[2][0];
	for (unsigned int slot = 0; slot < 3; slot++) {
		printf("%4" PRIx64 ":\t", code->addr + offset + bytes[slot].first);
		for (unsigned int i = 0; i < bytes[slot].count; i++)
			printf("%02x ", bundle[bytes[slot].first + i]);
		if (!dis.text[slot][0]) { /* slot 2 of MLX belongs to slot 1 */
			putchar('\n');
			continue;
		}
		printf("%*s\t", slot == 2 ? 6 : 0, "");
		if (slot)
			printf("%6s", "");
		else
			printf("[%s] ", dis.units);
		if (dis.text[slot][0] != '(') /* the column of the predicate */
			printf("%6s", "");
		print_text(code, dis.text[slot]);
		stop = dis.stops & 1 << slot || (slot == 1 && mlx && dis.stops & 4);
		printf("%s\n", stop ? ";;" : "");
	}
}

static void print_code(const struct code *code)
{
	uint64_t offset;

	printf("\nDisassembly of section %s:\n", code->name);
	for (offset = 0; offset + 16 <= code->size; offset += 16) {
		const struct symbol *sym = symbol_near(code, code->addr + offset);

		if (sym && sym->value == code->addr + offset)
			printf("\n%016" PRIx64 " <%s>:\n", code->addr + offset, sym->name);
		else if (!offset)
			printf("\n%016" PRIx64 " <%s>:\n", code->addr, code->name);
		print_bundle(code, offset);
	}
}

static int disassemble_elf(const char *path, const struct image *image)
{
	const char *problem = elf_check(image->data, image->size);
	struct symbol_table symbols;
	bool any = false;

	if (problem)
		return tool_error("%s: %s", path, problem);
	if (symbols_load(&symbols, image->data, image->size))
		return tool_error("%s: out of memory", path);
	printf("\n%s:     file format elf64-ia64-little\n\n", path);
	for (size_t i = 0; i < elf_section_count(image->data, image->size); i++) {
		struct elf_section sec;
		struct code code;

		if (!elf_section(image->data, image->size, i, &sec) || !sec.exec || !sec.size)
			continue;
		code = (struct code){ .name = sec.name, .data = sec.data, .size = sec.size,
				      .addr = sec.addr, .section = sec.index, .symbols = &symbols };
		print_code(&code);
		any = true;
	}
	symbols_free(&symbols);
	if (!any)
		return tool_error("%s: no section with code; an ELF file that has one is accepted",
				  path);
	return TOOL_EXIT_OK;
}

static int disassemble_raw(const char *path, const struct image *image)
{
	struct symbol_table none = { 0 };
	struct code code = { .name = "raw", .data = image->data, .size = image->size,
			     .symbols = &none };

	if (image->size % 16)
		return tool_error("%s: %zu bytes; whole bundles of 16 bytes are accepted", path,
				  image->size);
	for (uint64_t offset = 0; offset < code.size; offset += 16)
		print_bundle(&code, offset);
	return TOOL_EXIT_OK;
}

static int disassemble(const struct disassemble_args *args)
{
	int fd = open(args->file, O_RDONLY | O_CLOEXEC), status;
	struct image image = { 0 };
	struct stat st;
	void *data;

	if (fd < 0)
		return tool_error("%s: %s; a readable file is needed", args->file, strerror(errno));
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || !st.st_size) {
		close(fd);
		return tool_error("%s: not a regular file with anything in it; an IA-64 ELF "
				  "file is accepted", args->file);
	}
	image.size = (size_t)st.st_size;
	data = mmap(NULL, image.size, PROT_READ, MAP_PRIVATE, fd, 0);
	status = errno;
	close(fd);
	if (data == MAP_FAILED)
		return tool_error("%s: cannot be read: %s", args->file, strerror(status));
	image.data = data;
	status = args->raw ? disassemble_raw(args->file, &image) :
		 disassemble_elf(args->file, &image);
	munmap(data, image.size);
	if (fflush(stdout) || ferror(stdout))
		return tool_error("standard output: %s", strerror(errno));
	return status;
}

static int set_raw(void *opaque, const char *name, const char *value)
{
	struct disassemble_args *args = opaque;

	args->raw = true;
	return 0;
}

static int take_operand(void *opaque, const char *value)
{
	struct disassemble_args *args = opaque;

	if (args->file)
		return tool_error("unexpected argument '%s'; 'disassemble' takes one file", value);
	if (strlen(value) >= sizeof(args->path))
		return tool_error("a file name of %zu characters; at most %zu are accepted",
				  strlen(value), sizeof(args->path) - 1);
	args->file = strcpy(args->path, value);
	return 0;
}

static int run(const struct tool_command *cmd, int argc, const char **argv)
{
	struct disassemble_args args = { 0 };
	int ret = tool_parse(cmd, argc, argv, &args, take_operand);

	if (ret)
		return ret < 0 ? TOOL_EXIT_OK : ret;
	if (!args.file)
		return tool_error("no file; 'disassemble' takes an IA-64 ELF file");
	return disassemble(&args);
}

static const struct tool_option disassemble_options[] = {
	{ "raw", NULL, "the file holds nothing but bundles, the first at address 0", set_raw },
	{ 0 }
};

const struct tool_command tool_disassemble = {
	.name = "disassemble",
	.group = "Other",
	.synopsis = "[--raw] FILE",
	.summary = "print the instructions of an IA-64 ELF file",
	.options = disassemble_options,
	.run = run,
};
