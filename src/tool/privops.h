/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts of privileged operations, for people. */
#ifndef PARAVANE_TOOL_PRIVOPS_H
#define PARAVANE_TOOL_PRIVOPS_H

#include <jansson.h>
#include <stdio.h>

/* Prints what the command "privops" answers (server_commands.c). */
void privops_print(const json_t *answer, FILE *out);

#endif
