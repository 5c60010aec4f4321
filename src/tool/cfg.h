/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The syntax of domain configuration files, as xl.cfg(5) of Xen 4.1 to 4.17 has it: KEY = VALUE,
 * divided by newlines or semicolons; strings in either quotes, numbers, lists over several lines.
 * What keys there are, and what they may hold, is domain_config.h's business.
 */
#ifndef PARAVANE_TOOL_CFG_H
#define PARAVANE_TOOL_CFG_H

#include <stddef.h>

#include "backend/error.h"

#define CFG_MAX_TEXT (1u << 20) /* bytes of a file */
#define CFG_MAX_DEPTH 8         /* lists within lists */

/* Where something stands, for error lines. Lines and columns (bytes) count from 1. */
struct cfg_place {
	const char *file; /* the caller's */
	unsigned int line, column; /* line 0: `file` is an argument, and says it all */
};

enum cfg_type { CFG_STRING, CFG_NUMBER, CFG_LIST };

struct cfg_value {
	enum cfg_type type;
	struct cfg_place at;
	char *text;              /* of a string, without quotes and escapes; a number as written */
	unsigned long long number;
	struct cfg_value *items; /* of a list */
	size_t nr_items;
};

struct cfg_setting {
	char *key;
	struct cfg_place at;
	struct cfg_value value;
};

/* In the order of the text; all zero: none yet. */
struct cfg {
	struct cfg_setting *settings;
	size_t nr;
};

/*
 * Adds what `text` (any bytes) sets. A key that stands twice in one text is an error; one set by
 * an earlier call is replaced, which is how a command line overrides a file. `file` is what error
 * lines call the text; it must live as long as *cfg. Returns 0, or -1 with *err as
 * "FILE:LINE:COLUMN: ..."; *cfg is to be freed either way.
 */
int cfg_parse(struct cfg *cfg, const char *file, const char *text, size_t len, struct error *err);
/*
 * The same for one setting that is an argument of a command: error lines call it `argument` (which
 * must live as long as *cfg) and have neither lines nor columns.
 */
int cfg_parse_argument(struct cfg *cfg, const char *argument, const char *text, size_t len,
		       struct error *err);
/* The same for a file of that name. */
int cfg_read(struct cfg *cfg, const char *file, struct error *err);
void cfg_free(struct cfg *cfg);

/* Sets *err to "FILE:LINE:COLUMN: " or "ARGUMENT: " and the message. Returns -1. */
int cfg_error(struct error *err, const struct cfg_place *at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
