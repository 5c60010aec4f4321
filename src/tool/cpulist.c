/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of host processors, read and written. */
#include "tool/cpulist.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void cpulist_all(cpu_set_t *set)
{
	long n = sysconf(_SC_NPROCESSORS_CONF);

	CPU_ZERO(set);
	for (long i = 0; i < n && i < CPU_SETSIZE; i++)
		CPU_SET((size_t)i, set);
}

static bool parse_cpu(const char **p, unsigned long *cpu)
{
	char *end;

	if (**p < '0' || **p > '9')
		return false;
	*cpu = strtoul(*p, &end, 10);
	*p = end;
	return *cpu < CPU_SETSIZE;
}

/* One part up to a comma, put into the set or with ^ taken out. */
static bool parse_part(const char **p, cpu_set_t *set)
{
	bool out = **p == '^';
	unsigned long first, last;

	*p += out;
	if (!strncmp(*p, "all", 3)) {
		*p += 3;
		first = 0;
		last = CPU_SETSIZE - 1;
	} else {
		if (!parse_cpu(p, &first))
			return false;
		last = first;
		if (**p == '-') {
			++*p;
			if (!parse_cpu(p, &last) || last < first)
				return false;
		}
	}
	for (; first <= last; first++) {
		if (out)
			CPU_CLR(first, set);
		else
			CPU_SET(first, set);
	}
	return !**p || **p == ',';
}

int cpulist_parse(cpu_set_t *set, const char *text, struct error *err)
{
	const char *p = text;
	cpu_set_t all;

	CPU_ZERO(set);
	for (;;) {
		while (*p == ' ')
			p++;
		if (!parse_part(&p, set))
			return error_set(err, "'%s' is no list of processors; accepted: all, "
					 "numbers, ranges as 0-3 and exceptions as ^1, divided by "
					 "commas", text);
		if (!*p)
			break;
		p++;
	}
	cpulist_all(&all);
	CPU_AND(set, set, &all);
	if (!CPU_COUNT(set))
		return error_set(err, "'%s' has none of this machine's processors; accepted: some "
				 "of 0-%d", text, CPU_COUNT(&all) - 1);
	return 0;
}

char *cpulist_print(const cpu_set_t *set, char *buf, size_t size)
{
	cpu_set_t all, ours;
	size_t n = 0;

	cpulist_all(&all);
	CPU_AND(&ours, set, &all);
	snprintf(buf, size, "%s", CPU_EQUAL(&ours, &all) ? "all" : "");
	if (*buf)
		return buf;
	for (int i = 0; i < CPU_SETSIZE && n < size; i++) {
		int first = i;

		if (!CPU_ISSET(i, &ours))
			continue;
		while (i + 1 < CPU_SETSIZE && CPU_ISSET(i + 1, &ours))
			i++;
		n += (size_t)snprintf(buf + n, size - n, i > first ? "%s%d-%d" : "%s%d",
				      n ? "," : "", first, i);
	}
	return buf;
}
