/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Domain configuration files: from text to keys and values. */
#include "tool/cfg.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct parser {
	const char *p, *end, *line_start;
	struct cfg_place at; /* `column` is computed when asked for */
	struct error *err;
};

int cfg_error(struct error *err, const struct cfg_place *at, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!at->line)
		return error_set(err, "%s: %s", at->file, text);
	return error_set(err, "%s:%u:%u: %s", at->file, at->line, at->column, text);
}

static struct cfg_place here(const struct parser *ps)
{
	struct cfg_place at = ps->at;

	at.column = (unsigned int)(ps->p - ps->line_start) + 1;
	return at;
}

static bool at_end(const struct parser *ps)
{
	return ps->p == ps->end;
}

static char peek(const struct parser *ps)
{
	return at_end(ps) ? '\0' : *ps->p;
}

static void newline(struct parser *ps)
{
	ps->p++;
	ps->at.line += ps->at.line > 0;
	ps->line_start = ps->p;
}

/* What stands here, for an error line. */
static const char *found(const struct parser *ps, char *buf, size_t size)
{
	if (at_end(ps))
		return ps->at.line ? "the end of the file" : "the end";
	if (*ps->p == '\n')
		return "the end of the line";
	if (isprint((unsigned char)*ps->p))
		snprintf(buf, size, "'%c'", *ps->p);
	else
		snprintf(buf, size, "byte 0x%02x", (unsigned char)*ps->p);
	return buf;
}

static int unexpected(const struct parser *ps, const char *accepted)
{
	struct cfg_place at = here(ps);
	char buf[16];

	return cfg_error(ps->err, &at, "%s where it cannot be; accepted: %s",
			 found(ps, buf, sizeof(buf)), accepted);
}

static int no_memory(const struct parser *ps)
{
	return error_set(ps->err, "%s: out of memory", ps->at.file);
}

/* Blanks and comments; with `lines`, newlines too. */
static void skip(struct parser *ps, bool lines)
{
	while (!at_end(ps)) {
		if (*ps->p == '#') {
			while (!at_end(ps) && *ps->p != '\n')
				ps->p++;
		} else if (*ps->p == ' ' || *ps->p == '\t' || *ps->p == '\r') {
			ps->p++;
		} else if (lines && *ps->p == '\n') {
			newline(ps);
		} else {
			return;
		}
	}
}

/* --- values --- */

static int hex_digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* Behind a backslash; the character it stands for goes to *out. */
static int parse_escape(struct parser *ps, char *out)
{
	static const char letters[] = "abfnrtv", codes[] = "\a\b\f\n\r\t\v";
	const char *known;
	unsigned int value = 0, digits = 0;

	known = strchr(letters, *ps->p);
	if (known) {
		*out = codes[known - letters];
		ps->p++;
		return 0;
	}
	if (*ps->p == 'x') {
		for (ps->p++; digits < 2 && isxdigit((unsigned char)peek(ps)); digits++)
			value = value * 16 + (unsigned int)hex_digit(*ps->p++);
		if (!digits)
			return unexpected(ps, "a hexadecimal digit behind \\x");
	} else if (*ps->p >= '0' && *ps->p <= '7') {
		for (; digits < 3 && peek(ps) >= '0' && peek(ps) <= '7'; digits++)
			value = value * 8 + (unsigned int)(*ps->p++ - '0');
	} else {
		value = (unsigned char)*ps->p++;
		digits = 1;
	}
	if (!value || value > 255) {
		ps->p--;
		return unexpected(ps, "an escape for a byte from 1 to 255");
	}
	*out = (char)value;
	return 0;
}

static int parse_string(struct parser *ps, struct cfg_value *v)
{
	char quote = *ps->p++;
	size_t n = 0;

	v->type = CFG_STRING;
	v->text = malloc((size_t)(ps->end - ps->p) + 1);
	if (!v->text)
		return no_memory(ps);
	while (!at_end(ps) && *ps->p != quote) {
		if (*ps->p == '\n')
			break;
		if (!*ps->p)
			return unexpected(ps, "text without zero bytes");
		if (*ps->p != '\\') {
			v->text[n++] = *ps->p++;
			continue;
		}
		ps->p++;
		if (at_end(ps) || *ps->p == '\n')
			break;
		if (parse_escape(ps, &v->text[n++]))
			return -1;
	}
	if (at_end(ps) || *ps->p != quote)
		return cfg_error(ps->err, &v->at, "a string without its end; accepted: text on one "
				 "line, closed by %c", quote);
	ps->p++;
	v->text[n] = '\0';
	return 0;
}

static int parse_number(struct parser *ps, struct cfg_value *v)
{
	const char *start = ps->p;
	char *end;

	while (isalnum((unsigned char)peek(ps)) || peek(ps) == '_' || peek(ps) == '.')
		ps->p++;
	v->type = CFG_NUMBER;
	v->text = strndup(start, (size_t)(ps->p - start));
	if (!v->text)
		return no_memory(ps);
	errno = 0;
	v->number = strtoull(v->text, &end, 0);
	if (*end || errno)
		return cfg_error(ps->err, &v->at, "'%.40s' is no number; accepted: decimal, octal "
				 "with 0 or hexadecimal with 0x, of at most 64 bits", v->text);
	return 0;
}

static int parse_value(struct parser *ps, struct cfg_value *v, unsigned int depth);

static int unfinished_list(const struct parser *ps, const struct cfg_value *list)
{
	return cfg_error(ps->err, &list->at, "a list without its end; accepted: ']'");
}

static int parse_list(struct parser *ps, struct cfg_value *list, unsigned int depth)
{
	ps->p++;
	list->type = CFG_LIST;
	if (depth == CFG_MAX_DEPTH)
		return cfg_error(ps->err, &list->at, "a list in %d others; accepted: no more than "
				 "that", CFG_MAX_DEPTH);
	for (;;) {
		struct cfg_value *items;

		skip(ps, true);
		if (peek(ps) == ']')
			break;
		if (at_end(ps))
			return unfinished_list(ps, list);
		items = realloc(list->items, (list->nr_items + 1) * sizeof(*items));
		if (!items)
			return no_memory(ps);
		list->items = items;
		memset(&items[list->nr_items], 0, sizeof(*items));
		if (parse_value(ps, &items[list->nr_items++], depth + 1))
			return -1;
		skip(ps, true);
		if (peek(ps) == ']')
			break;
		if (at_end(ps))
			return unfinished_list(ps, list);
		if (*ps->p != ',')
			return unexpected(ps, "',' or ']'");
		ps->p++;
	}
	ps->p++;
	return 0;
}

static int parse_value(struct parser *ps, struct cfg_value *v, unsigned int depth)
{
	v->at = here(ps);
	if (peek(ps) == '"' || peek(ps) == '\'')
		return parse_string(ps, v);
	if (isdigit((unsigned char)peek(ps)))
		return parse_number(ps, v);
	if (peek(ps) == '[')
		return parse_list(ps, v, depth);
	return unexpected(ps, "a string in quotes, a number, or a list in [ ]");
}

static void free_value(struct cfg_value *v)
{
	for (size_t i = 0; i < v->nr_items; i++)
		free_value(&v->items[i]);
	free(v->items);
	free(v->text);
}

/* --- settings --- */

static void free_setting(struct cfg_setting *s)
{
	free(s->key);
	free_value(&s->value);
}

/* Takes *s over. */
static int add(struct parser *ps, struct cfg *cfg, size_t first, struct cfg_setting *s)
{
	struct cfg_setting *settings;

	for (size_t i = 0; i < cfg->nr; i++) {
		struct cfg_setting *old = &cfg->settings[i];

		if (strcmp(old->key, s->key))
			continue;
		if (i >= first) {
			cfg_error(ps->err, &s->at, "%s is set a second time, first in line %u; "
				  "accepted: one of them", s->key, old->at.line);
			free_setting(s);
			return -1;
		}
		/* What replaces it counts as part of the new text. */
		free_setting(old);
		memmove(old, old + 1, (cfg->nr - i - 1) * sizeof(*old));
		cfg->nr--;
		first--;
		break;
	}
	settings = realloc(cfg->settings, (cfg->nr + 1) * sizeof(*settings));
	if (!settings) {
		free_setting(s);
		return no_memory(ps);
	}
	cfg->settings = settings;
	settings[cfg->nr++] = *s;
	return 0;
}

static int parse_setting(struct parser *ps, struct cfg_setting *s)
{
	const char *start = ps->p;

	s->at = here(ps);
	if (!isalpha((unsigned char)peek(ps)))
		return unexpected(ps, "a key, which starts with a letter");
	while (isalnum((unsigned char)peek(ps)) || peek(ps) == '_')
		ps->p++;
	s->key = strndup(start, (size_t)(ps->p - start));
	if (!s->key)
		return no_memory(ps);
	skip(ps, false);
	if (peek(ps) != '=')
		return unexpected(ps, "'=' behind a key");
	ps->p++;
	skip(ps, false);
	if (parse_value(ps, &s->value, 0))
		return -1;
	skip(ps, false);
	if (!at_end(ps) && *ps->p != '\n' && *ps->p != ';')
		return unexpected(ps, "a new line or ';' behind a value");
	return 0;
}

/* `line` is that of the first byte, or 0 for an argument. */
static int parse(struct cfg *cfg, const char *file, unsigned int line, const char *text, size_t len,
		 struct error *err)
{
	struct parser ps = {
		.p = text, .end = text + len, .line_start = text,
		.at = { .file = file, .line = line }, .err = err,
	};
	size_t before = cfg->nr;

	for (;;) {
		struct cfg_setting s = { 0 };
		size_t nr = cfg->nr;

		skip(&ps, true);
		if (peek(&ps) == ';' && !at_end(&ps)) {
			ps.p++;
			continue;
		}
		if (at_end(&ps))
			return 0;
		if (parse_setting(&ps, &s)) {
			free_setting(&s);
			return -1;
		}
		if (add(&ps, cfg, before, &s))
			return -1;
		if (cfg->nr == nr) /* it replaced one of before */
			before--;
	}
}

int cfg_parse(struct cfg *cfg, const char *file, const char *text, size_t len, struct error *err)
{
	return parse(cfg, file, 1, text, len, err);
}

int cfg_parse_argument(struct cfg *cfg, const char *argument, const char *text, size_t len,
		       struct error *err)
{
	return parse(cfg, argument, 0, text, len, err);
}

int cfg_read(struct cfg *cfg, const char *file, struct error *err)
{
	FILE *in = fopen(file, "re");
	struct stat st;
	char *text;
	size_t len;
	int rc;

	if (!in)
		return error_set(err, "%s: %s; accepted: a configuration file", file,
				 strerror(errno));
	if (fstat(fileno(in), &st) || S_ISDIR(st.st_mode)) {
		fclose(in);
		return error_set(err, "%s: a folder; accepted: a configuration file", file);
	}
	text = malloc(CFG_MAX_TEXT + 1);
	if (!text) {
		fclose(in);
		return error_set(err, "%s: out of memory", file);
	}
	len = fread(text, 1, CFG_MAX_TEXT + 1, in);
	if (ferror(in))
		rc = error_set(err, "%s: %s", file, strerror(errno));
	else if (len > CFG_MAX_TEXT)
		rc = error_set(err, "%s: larger than a configuration may be; accepted: at most "
			       "%u bytes", file, CFG_MAX_TEXT);
	else
		rc = cfg_parse(cfg, file, text, len, err);
	fclose(in);
	free(text);
	return rc;
}

void cfg_free(struct cfg *cfg)
{
	for (size_t i = 0; i < cfg->nr; i++)
		free_setting(&cfg->settings[i]);
	free(cfg->settings);
	*cfg = (struct cfg){ 0 };
}
