/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a domain's configuration file may say: the keys of xl.cfg(5) that have a meaning here. */
#ifndef PARAVANE_TOOL_DOMAIN_CONFIG_H
#define PARAVANE_TOOL_DOMAIN_CONFIG_H

#include <jansson.h>
#include <stdbool.h>

#include "tool/cfg.h"

/*
 * Checks every setting of *cfg, fills in what is not set, and returns the whole as an object with
 * the keys of the file: numbers as integers, the rest as strings, `disk`, `vif` and `cpus` (one a
 * vCPU, or none) as arrays of strings. Nothing that is named is opened. Returns NULL with *err as
 * "FILE:LINE:COLUMN: what is wrong; accepted: ...".
 */
json_t *domain_config_check(const struct cfg *cfg, struct error *err);

/* Is this what a domain may be called? And what to say is accepted if not. */
#define DOMAIN_NAME_ACCEPTED "1 to 79 characters, not digits alone, without blanks and slashes"
bool domain_name_valid(const char *name);

/* The keys that there are, divided by blanks. Returns buf. */
char *domain_config_keys(char *buf, size_t size);

#endif
