/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts and ends those who look on. */
#include "machine/observe.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "backend/fdpath.h"
#include "jit/jit.h"
#include "machine/gdbstub.h"
#include "machine/symbols.h"
#include "machine/trace.h"

static int open_out(struct observers *o, const char *path, struct error *err)
{
	int fd = fdpath_open(path, O_WRONLY | O_CREAT | O_APPEND, 0666);

	o->out = fd < 0 ? NULL : fdopen(fd, "a");
	if (!o->out) {
		error_set(err, "trace: %s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	setvbuf(o->out, NULL, _IOLBF, 0);
	return 0;
}

int observers_start(struct observers *o, const struct observe_config *config,
		    const struct debug_target *target, struct error *err)
{
	*o = (struct observers){ 0 };
	if ((config->trace && config->trace_file && open_out(o, config->trace_file, err)) ||
	    (config->trace && trace_start(&o->trace, target, config->trace,
					  o->out ? o->out : stderr, err)) ||
	    (config->gdb && gdbstub_create(&o->gdb, target, config->gdb, err))) {
		observers_stop(o);
		return -1;
	}
	return 0;
}

void observers_stop(struct observers *o)
{
	gdbstub_destroy(o->gdb);
	trace_stop(o->trace);
	if (o->out)
		fclose(o->out);
	*o = (struct observers){ 0 };
}

/* The symbols of the kernel, as far as they go. */
static void name_of(void *ctx, uint64_t ip, char *buf, size_t size)
{
	symbols_format(ctx, ip, buf, size);
}

int observe_translations(const char *file, struct ia64_system *sys,
			 const struct symbol_table *symbols, struct error *err)
{
	int fd = fdpath_open(file, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600);
	int rc = fd < 0 ? -errno : ia64_jit_perf_map(sys, fd, name_of, (void *)symbols);

	return rc ? error_set(err, "%s: %s", file, strerror(-rc)) : 0;
}
