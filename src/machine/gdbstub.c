/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The GDB remote protocol: one thread that owns the connection, and nothing of the vCPUs but while
 * they stand still.
 */
#include "machine/gdbstub.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "backend/fdpath.h"
#include "backend/listen.h"
#include "ia64/debug.h"
#include "ia64/tlb.h"
#include "ia64/vcpu.h"
#include "machine/gdbregs.h"
#include "machine/debug_target.h"

/* Enough for a 'g' packet: 9440 digits. */
#define PACKET_MAX 0x4000

/* Signals as GDB numbers them. */
#define GDB_SIGINT 2
#define GDB_SIGTRAP 5

struct gdbstub {
	struct debug_target target;
	struct ia64_system *sys;        /* the target's */
	struct ia64_debug debug;
	pthread_t thread;
	char unix_path[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* to unlink, or "" */
	int listener;
	int wake;                       /* eventfd: a vCPU stopped, or quit */
	_Atomic(struct vcpu *) stopped; /* by a debug event, not told yet; any thread */
	_Atomic bool quit;              /* any thread */

	/* The stub's thread alone. */
	int client;                     /* -1: nobody */
	bool running;                   /* the vCPUs may run */
	bool no_ack;
	struct vcpu *current;           /* whose registers and memory packets mean (Hg) */
	struct vcpu *to_step;           /* what s and c mean (Hc) */
	char rx[PACKET_MAX];
	size_t rx_len;
	char tx[PACKET_MAX + 8];        /* "$", the packet, "#xx" */
	size_t tx_len;
};

/* --- Sending ------------------------------------------------------------------------------ */

static void hang_up(struct gdbstub *s)
{
	close(s->client);
	s->client = -1;
	s->rx_len = 0;
}

static void send_bytes(struct gdbstub *s, const char *data, size_t len)
{
	while (len && s->client >= 0) {
		ssize_t n = send(s->client, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			hang_up(s);
			return;
		}
		data += n;
		len -= (size_t)n;
	}
}

/* A packet is begun, text is added, it is ended. What does not fit is left out. */
static void begin(struct gdbstub *s)
{
	s->tx[0] = '$';
	s->tx_len = 1;
}

static void add(struct gdbstub *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(struct gdbstub *s, const char *fmt, ...)
{
	size_t room = PACKET_MAX - s->tx_len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(s->tx + s->tx_len, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		s->tx_len += (size_t)n < room ? (size_t)n : room - 1;
}

static void add_hex(struct gdbstub *s, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len && s->tx_len + 2 < PACKET_MAX; i++)
		add(s, "%02x", data[i]);
}

static void end(struct gdbstub *s)
{
	uint8_t sum = 0;

	for (size_t i = 1; i < s->tx_len; i++)
		sum += (uint8_t)s->tx[i];
	snprintf(s->tx + s->tx_len, 4, "#%02x", sum);
	send_bytes(s, s->tx, s->tx_len + 3);
}

static void reply(struct gdbstub *s, const char *text)
{
	begin(s);
	add(s, "%s", text);
	end(s);
}

static void reply_error(struct gdbstub *s, int error)
{
	begin(s);
	add(s, "E%02x", error & 0xff);
	end(s);
}

/* --- Reading packets ---------------------------------------------------------------------- */

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* A hexadecimal number at *text, which moves past it; false if there is none or it is too large. */
static bool take_hex(const char **text, uint64_t *out)
{
	const char *start = *text;

	for (*out = 0; digit(**text) >= 0; (*text)++) {
		if (*text - start == 16)
			return false;
		*out = *out << 4 | (uint64_t)digit(**text);
	}
	return *text != start;
}

static bool take_char(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

/* "addr,length". */
static bool take_range(const char **text, uint64_t *addr, uint64_t *length)
{
	return take_hex(text, addr) && take_char(text, ',') && take_hex(text, length);
}

static bool take_bytes(const char **text, uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		int high = digit(**text), low = high < 0 ? -1 : digit((*text)[1]);

		if (low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
		*text += 2;
	}
	return true;
}

/* Whom a thread id means: *all for -1, else *v; 0 is any, which is the first. */
static bool take_thread(struct gdbstub *s, const char **text, struct vcpu **v, bool *all)
{
	uint64_t id;

	*all = false;
	if (**text == '-') {
		(*text)++;
		*all = true;
		*v = s->sys->vcpus[0];
		return take_char(text, '1');
	}
	if (!take_hex(text, &id) || id > s->sys->nr_vcpus)
		return false;
	*v = s->sys->vcpus[id ? id - 1 : 0];
	return true;
}

/* --- Running and stopping ----------------------------------------------------------------- */

static void clear_events(struct gdbstub *s)
{
	uint64_t count;

	while (read(s->wake, &count, sizeof(count)) < 0 && errno == EINTR)
		;
	atomic_store(&s->stopped, NULL);
}

static void set_going(struct gdbstub *s, struct vcpu *only)
{
	ia64_debug_changed(s->sys);
	s->running = true;
	ia64_threads_debug_go(s->target.threads, only);
}

/* "T05thread:1;", with the address when a watchpoint was touched. */
static void tell_stop(struct gdbstub *s, struct vcpu *v, int signal)
{
	static const char *const watch[] = {
		[IA64_WATCH_WRITE] = "watch", [IA64_WATCH_READ] = "rwatch",
		[IA64_WATCH_READ | IA64_WATCH_WRITE] = "awatch",
	};

	s->current = v;
	begin(s);
	add(s, "T%02x", signal);
	if (signal == GDB_SIGTRAP && v->debug_reason == IA64_DEBUG_WATCH &&
	    v->debug_watch_kinds >= 1 && v->debug_watch_kinds <= 3)
		add(s, "%s:%" PRIx64 ";", watch[v->debug_watch_kinds], v->debug_watch_va);
	add(s, "thread:%x;", v->index + 1);
	end(s);
}

static void all_stopped(struct gdbstub *s)
{
	s->running = false;
	for (unsigned int i = 0; i < s->sys->nr_vcpus; i++) {
		struct vcpu *v = s->sys->vcpus[i];

		/* Interrupts that came during a step have waited. */
		if (v->debug_step)
			atomic_fetch_or(&v->attention, IA64_ATTN_INTERRUPT);
		v->debug_step = false;
		/* A watchpoint touched by the instruction that was stepped has been told of. */
		atomic_fetch_and(&v->attention, ~IA64_ATTN_DEBUG);
	}
}

/* On a vCPU's thread. */
static void vcpu_stopped(void *ctx, struct vcpu *v)
{
	struct gdbstub *s = ctx;
	uint64_t one = 1;

	atomic_store(&s->stopped, v);
	while (write(s->wake, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

/* A vCPU came to a breakpoint, a watchpoint, or the end of a step; all stand still. */
static void serve_stop(struct gdbstub *s)
{
	struct vcpu *v = atomic_load(&s->stopped);

	clear_events(s);
	if (!v || !s->running)
		return;
	/* Of two that stopped at once, the second may tell when all have been set going again. */
	ia64_threads_debug_stop(s->target.threads);
	all_stopped(s);
	tell_stop(s, v, GDB_SIGTRAP);
	v->debug_reason = IA64_DEBUG_NONE;
}

/* Ctrl-C in the debugger. */
static void interrupt(struct gdbstub *s)
{
	struct vcpu *v;

	if (!s->running)
		return;
	ia64_threads_debug_stop(s->target.threads);
	v = atomic_load(&s->stopped);
	clear_events(s);
	all_stopped(s);
	tell_stop(s, v ? v : s->current, v ? GDB_SIGTRAP : GDB_SIGINT);
}

/* Nobody debugs any more: the machine goes on as if nobody had. */
static void let_go(struct gdbstub *s)
{
	s->debug.nr_breaks = 0;
	s->debug.nr_watches = 0;
	if (s->running) {
		ia64_threads_debug_stop(s->target.threads);
		clear_events(s);
	}
	all_stopped(s);
	set_going(s, NULL);
}

/* s, c and vCont: the first action that names a thread is the one it gets. */
struct action {
	bool given, step;
};

static void resume(struct gdbstub *s, const struct action *actions)
{
	struct vcpu *only = NULL;
	unsigned int going = 0;

	for (unsigned int i = 0; i < s->sys->nr_vcpus; i++) {
		struct vcpu *v = s->sys->vcpus[i];

		v->debug_step = actions[i].given && actions[i].step;
		v->debug_reason = IA64_DEBUG_NONE;
		if (actions[i].given) {
			only = v;
			going++;
		}
	}
	set_going(s, going == 1 ? only : NULL);
}

/* One ";c:1" of a vCont, noted for those that have no action yet. */
static bool take_action(struct gdbstub *s, const char **text, struct action *actions)
{
	struct vcpu *v = NULL;
	bool all = true;
	uint64_t signal;
	char kind = **text;

	if (!kind || !strchr("cCsS", kind))
		return false;
	(*text)++;
	if ((kind == 'C' || kind == 'S') && !take_hex(text, &signal))
		return false;
	if (take_char(text, ':') && !take_thread(s, text, &v, &all))
		return false;
	for (unsigned int i = 0; i < s->sys->nr_vcpus; i++) {
		if (!actions[i].given && (all || v->index == i))
			actions[i] = (struct action){ true, kind == 's' || kind == 'S' };
	}
	return !**text || **text == ';';
}

static void do_vcont(struct gdbstub *s, const char *text)
{
	struct action actions[IA64_MAX_VCPUS] = { 0 };
	bool good = *text == ';';

	while (good && take_char(&text, ';'))
		good = take_action(s, &text, actions);
	if (good)
		resume(s, actions);
	else
		reply_error(s, EINVAL);
}

static void do_step_or_continue(struct gdbstub *s, bool step)
{
	struct action actions[IA64_MAX_VCPUS];

	for (unsigned int i = 0; i < s->sys->nr_vcpus; i++)
		actions[i] = (struct action){ true, step && s->sys->vcpus[i] == s->to_step };
	resume(s, actions);
}

/* --- Registers and memory ----------------------------------------------------------------- */

static void add_register(struct gdbstub *s, unsigned int n)
{
	uint8_t buf[GDB_REG_MAX];

	if (gdb_reg_read(s->current, n, buf)) {
		add_hex(s, buf, gdb_reg_size(n));
		return;
	}
	for (size_t i = 0; i < gdb_reg_size(n); i++)
		add(s, "xx");
}

static void do_read_registers(struct gdbstub *s)
{
	begin(s);
	for (unsigned int n = 0; n < GDB_NR_REGS; n++)
		add_register(s, n);
	end(s);
}

static void do_write_registers(struct gdbstub *s, const char *text)
{
	uint8_t buf[GDB_REG_MAX];

	for (unsigned int n = 0; n < GDB_NR_REGS && *text; n++) {
		if (take_bytes(&text, buf, gdb_reg_size(n))) {
			gdb_reg_write(s->current, n, buf);
		} else if (strnlen(text, 2 * gdb_reg_size(n)) == 2 * gdb_reg_size(n)) {
			text += 2 * gdb_reg_size(n); /* x's: leave it */
		} else {
			reply_error(s, EINVAL);
			return;
		}
	}
	reply(s, "OK");
}

static void do_read_register(struct gdbstub *s, const char *text)
{
	uint64_t n;

	if (!take_hex(&text, &n) || n >= GDB_NR_REGS) {
		reply_error(s, EINVAL);
		return;
	}
	begin(s);
	add_register(s, (unsigned int)n);
	end(s);
}

static void do_write_register(struct gdbstub *s, const char *text)
{
	uint8_t buf[GDB_REG_MAX] = { 0 };
	uint64_t n;

	if (!take_hex(&text, &n) || n >= GDB_NR_REGS || !take_char(&text, '=') ||
	    !take_bytes(&text, buf, gdb_reg_size((unsigned int)n)) ||
	    !gdb_reg_write(s->current, (unsigned int)n, buf))
		reply_error(s, EINVAL);
	else
		reply(s, "OK");
}

static void do_read_memory(struct gdbstub *s, const char *text)
{
	uint8_t buf[PACKET_MAX / 2 - 8];
	uint64_t addr, len;
	size_t got;

	if (!take_range(&text, &addr, &len)) {
		reply_error(s, EINVAL);
		return;
	}
	if (len > sizeof(buf))
		len = sizeof(buf);
	got = gdb_mem_read(s->current, addr, buf, len);
	if (!got && len) {
		reply_error(s, EFAULT);
		return;
	}
	begin(s);
	add_hex(s, buf, got);
	end(s);
}

static void write_memory(struct gdbstub *s, uint64_t addr, const uint8_t *buf, size_t len)
{
	if (gdb_mem_write(s->current, addr, buf, len) == len)
		reply(s, "OK");
	else
		reply_error(s, EFAULT);
}

static void do_write_memory(struct gdbstub *s, const char *text)
{
	uint8_t buf[PACKET_MAX / 2];
	uint64_t addr, len;

	if (!take_range(&text, &addr, &len) || !take_char(&text, ':') || len > sizeof(buf) ||
	    !take_bytes(&text, buf, len))
		reply_error(s, EINVAL);
	else
		write_memory(s, addr, buf, len);
}

/* X: like M with the bytes themselves, '}' before those that would look like the protocol's. */
static void do_write_binary(struct gdbstub *s, const char *text, const char *limit)
{
	uint8_t buf[PACKET_MAX];
	uint64_t addr, len;
	size_t n = 0;

	if (!take_range(&text, &addr, &len) || !take_char(&text, ':')) {
		reply_error(s, EINVAL);
		return;
	}
	while (text < limit && n < sizeof(buf)) {
		uint8_t c = (uint8_t)*text++;

		if (c == '}' && text < limit)
			c = (uint8_t)*text++ ^ 0x20;
		buf[n++] = c;
	}
	if (n != len)
		reply_error(s, EINVAL);
	else
		write_memory(s, addr, buf, len);
}

/* Z and z: "type,addr,kind". Types 0 and 1 are breakpoints, 2 write, 3 read, 4 access. */
static void do_point(struct gdbstub *s, const char *text, bool insert)
{
	static const unsigned int kinds[] = { 0, 0, IA64_WATCH_WRITE, IA64_WATCH_READ,
					      IA64_WATCH_READ | IA64_WATCH_WRITE };
	uint64_t type, addr, kind;
	unsigned int slot;
	int ret;

	if (!take_hex(&text, &type) || !take_char(&text, ',') ||
	    !take_range(&text, &addr, &kind)) {
		reply_error(s, EINVAL);
		return;
	}
	if (type > 4) {
		reply(s, "");
		return;
	}
	slot = addr & 0xf;
	if (type > 1)
		ret = insert ? ia64_debug_add_watch(&s->debug, addr, kind, kinds[type]) :
		      ia64_debug_remove_watch(&s->debug, addr, kind, kinds[type]);
	else
		ret = insert ? ia64_debug_add_break(&s->debug, addr, slot) :
		      ia64_debug_remove_break(&s->debug, addr, slot);
	if (ret)
		reply_error(s, -ret);
	else
		reply(s, "OK");
}

/* --- Threads, queries --------------------------------------------------------------------- */

static void do_select_thread(struct gdbstub *s, const char *text)
{
	struct vcpu *v;
	char what = *text;
	bool all;

	if ((what != 'g' && what != 'c') || (text++, !take_thread(s, &text, &v, &all))) {
		reply_error(s, EINVAL);
		return;
	}
	if (what == 'c')
		s->to_step = v;
	else if (!all)
		s->current = v;
	reply(s, "OK");
}

static void do_list_threads(struct gdbstub *s)
{
	begin(s);
	for (unsigned int i = 0; i < s->sys->nr_vcpus; i++)
		add(s, "%c%x", i ? ',' : 'm', i + 1);
	end(s);
}

static void do_describe_thread(struct gdbstub *s, const char *text)
{
	struct vcpu *v;
	char line[32];
	bool all;
	int len;

	if (!take_thread(s, &text, &v, &all) || all) {
		reply_error(s, EINVAL);
		return;
	}
	len = snprintf(line, sizeof(line), "vCPU %u", v->index);
	begin(s);
	add_hex(s, (uint8_t *)line, (size_t)len);
	end(s);
}

/* "target.xml:offset,length": names the architecture, so that GDB need not be told. */
static void do_target_xml(struct gdbstub *s, const char *text)
{
	static const char xml[] = "<?xml version=\"1.0\"?>"
		"<!DOCTYPE target SYSTEM \"gdb-target.dtd\">"
		"<target version=\"1.0\"><architecture>ia64-elf64</architecture></target>";
	uint64_t offset, len;

	if (strncmp(text, "target.xml:", 11)) {
		reply(s, "E00");
		return;
	}
	text += 11;
	if (!take_range(&text, &offset, &len)) {
		reply_error(s, EINVAL);
		return;
	}
	if (offset > sizeof(xml) - 1)
		offset = sizeof(xml) - 1;
	if (len > 1024)
		len = 1024;
	begin(s);
	add(s, "%c%.*s", offset + len >= sizeof(xml) - 1 ? 'l' : 'm', (int)len, xml + offset);
	end(s);
}

static bool starts(const char **text, const char *with)
{
	size_t n = strlen(with);

	if (strncmp(*text, with, n))
		return false;
	*text += n;
	return true;
}

static void reply_console(struct gdbstub *s, const char *text)
{
	begin(s);
	add_hex(s, (const uint8_t *)text, strlen(text));
	end(s);
}

/* gdb's "monitor" command, in hexadecimal digits. It is for the current thread's processor. */
static void do_monitor(struct gdbstub *s, const char *text)
{
	char command[64], help[256] = "inject EVENT, where EVENT is";
	enum machine_event event;
	size_t n = 0;
	unsigned int e;

	while (n < sizeof(command) - 1 && digit(text[0]) >= 0 && digit(text[1]) >= 0) {
		command[n++] = (char)(digit(text[0]) << 4 | digit(text[1]));
		text += 2;
	}
	command[n] = '\0';
	if (!s->target.inject) {
		reply_console(s, "there are no monitor commands for a domain\n");
		return;
	}
	if (!*text && !strncmp(command, "inject ", 7) &&
	    machine_event_by_name(command + 7, &event)) {
		s->target.inject(s->target.ctx, s->current->index, event);
		reply(s, "OK");
		return;
	}
	for (e = 0; e < MACHINE_NR_EVENTS; e++)
		snprintf(help + strlen(help), sizeof(help) - strlen(help), " %s",
			 machine_event_name((enum machine_event)e));
	snprintf(help + strlen(help), sizeof(help) - strlen(help), "\n");
	reply_console(s, help);
}

static void do_query(struct gdbstub *s, const char *text)
{
	if (starts(&text, "Supported")) {
		begin(s);
		add(s, "PacketSize=%x;QStartNoAckMode+;vContSupported+;qXfer:features:read+",
		    PACKET_MAX - 8);
		end(s);
	} else if (starts(&text, "Xfer:features:read:")) {
		do_target_xml(s, text);
	} else if (starts(&text, "fThreadInfo")) {
		do_list_threads(s);
	} else if (starts(&text, "sThreadInfo")) {
		reply(s, "l");
	} else if (starts(&text, "ThreadExtraInfo,")) {
		do_describe_thread(s, text);
	} else if (starts(&text, "Rcmd,")) {
		do_monitor(s, text);
	} else if (starts(&text, "Attached")) {
		reply(s, "1");
	} else if (!strcmp(text, "C")) {
		begin(s);
		add(s, "QC%x", s->current->index + 1);
		end(s);
	} else {
		reply(s, "");
	}
}

static void do_v(struct gdbstub *s, const char *text)
{
	if (!strcmp(text, "Cont?")) {
		reply(s, "vCont;c;C;s;S");
	} else if (starts(&text, "Cont")) {
		do_vcont(s, text);
	} else if (starts(&text, "Kill")) {
		reply(s, "OK");
		s->target.kill(s->target.ctx);
	} else {
		reply(s, "");
	}
}

static void do_is_alive(struct gdbstub *s, const char *text)
{
	struct vcpu *v;
	bool all;

	if (take_thread(s, &text, &v, &all) && !all)
		reply(s, "OK");
	else
		reply_error(s, EINVAL);
}

/* text[0..length) is the packet, with a NUL after it. */
static void serve_packet(struct gdbstub *s, const char *text, size_t length)
{
	const char *rest = text + 1;

	switch (*text) {
	case '?':
		tell_stop(s, s->current, GDB_SIGTRAP);
		break;
	case 'g':
		do_read_registers(s);
		break;
	case 'G':
		do_write_registers(s, rest);
		break;
	case 'p':
		do_read_register(s, rest);
		break;
	case 'P':
		do_write_register(s, rest);
		break;
	case 'm':
		do_read_memory(s, rest);
		break;
	case 'M':
		do_write_memory(s, rest);
		break;
	case 'X':
		do_write_binary(s, rest, text + length);
		break;
	case 'Z':
	case 'z':
		do_point(s, rest, *text == 'Z');
		break;
	case 'H':
		do_select_thread(s, rest);
		break;
	case 'T':
		do_is_alive(s, rest);
		break;
	case 'q':
		do_query(s, rest);
		break;
	case 'Q':
		if (!strcmp(rest, "StartNoAckMode")) {
			reply(s, "OK");
			s->no_ack = true;
		} else {
			reply(s, "");
		}
		break;
	case 'v':
		do_v(s, rest);
		break;
	case 's':
	case 'c':
		if (*rest)
			reply_error(s, EINVAL);
		else
			do_step_or_continue(s, *text == 's');
		break;
	case 'D':
		reply(s, "OK");
		hang_up(s);
		break;
	case 'k':
		s->target.kill(s->target.ctx);
		hang_up(s);
		break;
	default:
		reply(s, "");
		break;
	}
}

/* --- The connection ----------------------------------------------------------------------- */

/*
 * Serves what is at the start of rx and returns how many bytes it took; 0 if it is not whole yet.
 * While the machine runs only the interrupt is served: GDB sends nothing else then.
 */
static size_t serve_bytes(struct gdbstub *s)
{
	char *hash;
	size_t whole;
	uint8_t sum = 0;

	if (s->rx[0] == 3) {
		interrupt(s);
		return 1;
	}
	if (s->rx[0] != '$')
		return 1; /* an acknowledgment, or noise */
	hash = memchr(s->rx, '#', s->rx_len);
	if (!hash || hash + 2 >= s->rx + s->rx_len)
		return 0;
	whole = (size_t)(hash - s->rx) + 3;
	for (char *p = s->rx + 1; p < hash; p++)
		sum += (uint8_t)*p;
	if (!s->no_ack) {
		if (sum != (digit(hash[1]) << 4 | digit(hash[2]))) {
			send_bytes(s, "-", 1);
			return whole;
		}
		send_bytes(s, "+", 1);
	}
	*hash = '\0';
	if (!s->running)
		serve_packet(s, s->rx + 1, (size_t)(hash - s->rx) - 1);
	return whole;
}

static void serve_client(struct gdbstub *s)
{
	ssize_t n = recv(s->client, s->rx + s->rx_len, sizeof(s->rx) - s->rx_len, 0);
	size_t taken;

	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0) {
		hang_up(s);
		return;
	}
	s->rx_len += (size_t)n;
	while (s->rx_len && (taken = serve_bytes(s))) {
		if (s->client < 0)
			return;
		s->rx_len -= taken;
		memmove(s->rx, s->rx + taken, s->rx_len);
	}
	if (s->rx_len == sizeof(s->rx))
		hang_up(s); /* longer than any packet we said we take */
}

static void welcome(struct gdbstub *s)
{
	int one = 1;

	s->client = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
	if (s->client < 0) {
		/* For want of a descriptor, perhaps: whoever connects is still there. */
		poll(NULL, 0, 100);
		return;
	}
	setsockopt(s->client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	s->no_ack = false;
	s->current = s->sys->vcpus[0];
	s->to_step = s->current;
	if (s->running) {
		ia64_threads_debug_stop(s->target.threads);
		clear_events(s);
		all_stopped(s);
	}
}

static void *stub_thread(void *ctx)
{
	struct gdbstub *s = ctx;

	while (!atomic_load(&s->quit)) {
		struct pollfd fds[2] = {
			{ .fd = s->wake, .events = POLLIN },
			{ .fd = s->client < 0 ? s->listener : s->client, .events = POLLIN },
		};

		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[0].revents)
			serve_stop(s);
		else if (s->client < 0)
			welcome(s);
		else
			serve_client(s);
		if (fds[1].fd != s->listener && s->client < 0)
			let_go(s);
	}
	if (s->client >= 0) {
		if (s->running)
			reply(s, "W00"); /* the machine has ended */
		hang_up(s);
	}
	return NULL;
}

/* --- Life --------------------------------------------------------------------------------- */

static int listen_path(struct gdbstub *s, const char *path, struct error *err)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(addr.sun_path))
		return error_set(err, "--gdb unix:%s: at most %zu characters are accepted", path,
				 sizeof(addr.sun_path) - 1);
	strcpy(addr.sun_path, path);
	s->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->listener < 0 || bind(s->listener, (struct sockaddr *)&addr, sizeof(addr)))
		return error_set(err, "--gdb unix:%s: %s", path, strerror(errno));
	strcpy(s->unix_path, path);
	return 0;
}

static int listen_tcp(struct gdbstub *s, const char *port, struct error *err)
{
	s->listener = listen_port((uint16_t)strtoul(port, NULL, 10), 1);
	return s->listener < 0 ? error_set(err, "--gdb %s: port of 127.0.0.1: %s", port,
					   strerror(errno)) : 0;
}

static int listen_given(struct gdbstub *s, const char *name, struct error *err)
{
	s->listener = fdpath_open(name, O_RDWR, 0);
	return s->listener < 0 ? error_set(err, "--gdb %s: %s", name, strerror(errno)) : 0;
}

static void stub_free(struct gdbstub *s)
{
	if (s->listener >= 0)
		close(s->listener);
	if (s->wake >= 0)
		close(s->wake);
	if (s->unix_path[0])
		unlink(s->unix_path);
	free(s);
}

int gdbstub_create(struct gdbstub **stub, const struct debug_target *target, const char *where,
		   struct error *err)
{
	struct gdbstub *s = calloc(1, sizeof(*s));
	int ret;

	if (!s)
		return error_set(err, "out of memory");
	s->target = *target;
	s->sys = target->sys;
	s->listener = -1;
	s->client = -1;
	s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	s->current = s->to_step = s->sys->vcpus[0];
	if (!strncmp(where, "unix:", 5))
		ret = listen_path(s, where + 5, err);
	else if (*where == '/')
		ret = listen_given(s, where, err);
	else
		ret = listen_tcp(s, where, err);
	if (!ret && (s->wake < 0 || listen(s->listener, 1)))
		ret = error_set(err, "--gdb %s: %s", where, strerror(errno));
	if (!ret) {
		s->sys->debug = &s->debug;
		ia64_threads_set_debugger(target->threads, vcpu_stopped, s);
		ia64_threads_debug_hold(target->threads);
		errno = pthread_create(&s->thread, NULL, stub_thread, s);
		if (errno)
			ret = error_set(err, "--gdb %s: no thread: %s", where, strerror(errno));
	}
	if (ret) {
		stub_free(s);
		return ret;
	}
	*stub = s;
	return 0;
}

void gdbstub_destroy(struct gdbstub *stub)
{
	uint64_t one = 1;

	if (!stub)
		return;
	atomic_store(&stub->quit, true);
	while (write(stub->wake, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	pthread_join(stub->thread, NULL);
	ia64_threads_set_debugger(stub->target.threads, NULL, NULL);
	stub->sys->debug = NULL;
	stub_free(stub);
}
