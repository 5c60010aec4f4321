/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the subcommands share: their table, option parsing, error lines, exit statuses. */
#ifndef PARAVANE_TOOL_TOOL_H
#define PARAVANE_TOOL_TOOL_H

#include <stdbool.h>

/* Exit statuses of the program, as docs/paravane.1 lists them. */
enum {
	TOOL_EXIT_OK = 0,
	TOOL_EXIT_ERROR = 1,    /* usage or start-up error, said in one line on stderr */
	TOOL_EXIT_CRASH = 3,    /* the guest crashed or reset itself */
	TOOL_EXIT_TIMEOUT = 124 /* --timeout ran out */
};

/*
 * One option. `set` takes the value (NULL if arg is NULL) into the command's own structure; it
 * returns 0, or says what is wrong with tool_error() and returns TOOL_EXIT_ERROR. The value is
 * valid during the call only: `set` copies what it keeps.
 */
struct tool_option {
	/* Without the dashes: "wait", "w" or "w|wait" (short and long). NULL ends a table. */
	const char *name;
	const char *arg;   /* what the value is called in the help; NULL: takes none */
	const char *help;  /* one or more lines, divided by \n */
	int (*set)(void *args, const char *name, const char *value);
};

struct tool_command {
	const char *name;
	const char *group;    /* under which help lists it */
	const char *synopsis; /* what follows the name on the command line */
	const char *summary;  /* one line */
	const char *details;  /* further paragraphs of the help, or NULL */
	const struct tool_option *options; /* or NULL */
	int (*run)(const struct tool_command *cmd, int argc, const char **argv);
};

/* Ended by a NULL pointer; in the order of the help, those of a group together. */
extern const struct tool_command *const tool_commands[];

/* The command of that name, or NULL. */
const struct tool_command *tool_find_command(const char *name);

/*
 * Prints "paravane: " and the message as one line on stderr; control characters of the message (a
 * file name may hold any) come out as '?'. Returns TOOL_EXIT_ERROR.
 */
int tool_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Said in place of "operand" when an operand is missing: "'%s' takes ..."; TOOL_EXIT_ERROR. */
int tool_missing(const struct tool_command *cmd);

/* The value of --engine, where a command has it. Returns 0, or TOOL_EXIT_ERROR after a line. */
#define TOOL_ENGINE_HELP "what executes guest code: jit, the translator (default), or interpreter"
int tool_engine(const char *value, bool *jit);

/* A decimal number from min to max that is all of the text; nothing else is true. */
bool tool_number(const char *text, unsigned long long min, unsigned long long max,
		 unsigned long long *out);
/* A size as options have it: megabytes, or with M or G behind. False: it is none. */
bool tool_megabytes(const char *text, unsigned long long *mb);

/* "lockstep" or "lockstep=N": the N (1 if none) of ia64_jit_attach(). False: it is neither. */
#define TOOL_CHECK_ACCEPTED "lockstep, lockstep=N"
bool tool_check(const char *value, unsigned int *every);

/* Where a debugger is listened for: a port or unix:PATH. */
#define TOOL_GDB_ACCEPTED "a TCP port from 1 to 65535 or unix:PATH"
bool tool_gdb(const char *value);

/* Where Linux' perf(1) looks for the names of a process's code; %ld is its id. */
#define TOOL_PERF_MAP "/tmp/perf-%ld.map"

/*
 * Parses argv[1..] by the command's table: calls `set` for each option in order, then `operand`
 * (which may be NULL: none is taken) for each argument that is not one. `args` is passed through.
 * Returns 0, TOOL_EXIT_ERROR after an error line, or -1 when the help was asked for and printed.
 */
int tool_parse(const struct tool_command *cmd, int argc, const char **argv, void *args,
	       int (*operand)(void *args, const char *value));

/* Prints the help of one command, or with NULL the list of commands, on stdout. */
void tool_print_help(const struct tool_command *cmd);

#endif
