/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptions of disks and network cards, from text. */
#include "xen/pv_device_spec.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_VDEV ((1u << 28) + (1u << 20 << 8) - 1) /* 20 bits of disks with 8 of partitions */

/* The next part up to a comma, without blanks around it; false at the end. */
static bool next_part(const char **text, char *part, size_t size, bool *fits)
{
	const char *end;
	size_t len;

	if (!*text)
		return false;
	while (isspace((unsigned char)**text))
		(*text)++;
	end = strchrnul(*text, ',');
	len = (size_t)(end - *text);
	while (len && isspace((unsigned char)(*text)[len - 1]))
		len--;
	*fits = len < size;
	if (!*fits)
		len = size - 1;
	memcpy(part, *text, len);
	part[len] = 0;
	*text = *end ? end + 1 : NULL;
	return true;
}

/* Splits KEY=VALUE in place; NULL if there is no '='. */
static char *value_of(char *part)
{
	char *value = strchr(part, '='), *end;

	if (!value)
		return NULL;
	for (end = value; end > part && isspace((unsigned char)end[-1]); end--)
		;
	*end = 0;
	*value++ = 0;
	while (isspace((unsigned char)*value))
		value++;
	return value;
}

/* --- disks --- */

static int64_t decimal(const char *text, const char **end, uint64_t max)
{
	unsigned long long n;
	char *e;

	if (!isdigit((unsigned char)*text))
		return -1;
	errno = 0;
	n = strtoull(text, &e, 10);
	*end = e;
	return errno || n > max ? -1 : (int64_t)n;
}

/* xen-vbd-interface(7): the four ways a disk and its partition are put into a number. */
static int64_t encode(const char *kind, uint64_t disk, uint64_t part)
{
	if (!strcmp(kind, "xvd") && disk < 16 && part < 16)
		return (int64_t)(202u << 8 | disk << 4 | part);
	if (!strcmp(kind, "xvd") && disk < 1u << 20 && part < 256)
		return (int64_t)(1u << 28 | disk << 8 | part);
	if (!strcmp(kind, "sd") && disk < 16 && part < 16)
		return (int64_t)(8u << 8 | disk << 4 | part);
	if (!strcmp(kind, "hd") && disk < 4 && part < 64)
		return (int64_t)((disk < 2 ? 3u : 22u) << 8 | (disk & 1) << 6 | part);
	return -1;
}

static void name_of(uint64_t disk, uint64_t part, char name[16])
{
	char letters[8];
	unsigned int n = sizeof(letters);

	letters[--n] = 0;
	for (disk++; disk && n; disk = (disk - 1) / 26)
		letters[--n] = (char)('a' + (disk - 1) % 26);
	if (part)
		snprintf(name, 16, "xvd%s%u", letters + n, (unsigned int)part);
	else
		snprintf(name, 16, "xvd%s", letters + n);
}

static int64_t parse_number(const char *text, char name[16])
{
	const char *end;
	int64_t n = decimal(text, &end, MAX_VDEV);

	if (n < 0 || *end)
		return -1;
	if (n >= 1 << 28)
		name_of((uint64_t)(n - (1 << 28)) >> 8, n & 255, name);
	else if (n >> 8 == 202)
		name_of(n >> 4 & 15, n & 15, name);
	else
		snprintf(name, 16, "%lld", (long long)n);
	return n;
}

int64_t pv_vdev_parse(const char *text, char name[16])
{
	static const char *const kinds[] = { "xvd", "sd", "hd" };
	uint64_t disk = 0;
	int64_t n, part = 0;
	const char *p;
	unsigned int i;

	if (isdigit((unsigned char)*text))
		return parse_number(text, name);
	if (text[0] == 'd' && isdigit((unsigned char)text[1])) {
		n = decimal(text + 1, &p, (1u << 20) - 1);
		if (n >= 0 && *p == 'p')
			part = decimal(p + 1, &p, 255);
		if (n < 0 || part < 0 || *p)
			return -1;
		name_of((uint64_t)n, (uint64_t)part, name);
		return encode("xvd", (uint64_t)n, (uint64_t)part);
	}
	for (i = 0; i < 3; i++) {
		size_t len = strlen(kinds[i]);

		if (strncmp(text, kinds[i], len) || !islower((unsigned char)text[len]))
			continue;
		for (p = text + len; islower((unsigned char)*p) && disk < 1u << 20; p++)
			disk = disk * 26 + (uint64_t)(*p - 'a') + 1;
		if (isdigit((unsigned char)*p))
			part = decimal(p, &p, 255);
		if (part < 0 || *p || strlen(text) >= 16)
			return -1;
		strcpy(name, text);
		return encode(kinds[i], disk - 1, (uint64_t)part);
	}
	return -1;
}

static int set_target(struct pv_disk_spec *s, const char *v, struct error *err)
{
	if (!*v || strlen(v) >= sizeof(s->target))
		return error_set(err, "target: must have 1 to %zu characters",
				 sizeof(s->target) - 1);
	strcpy(s->target, v);
	return 0;
}

static int set_format(struct pv_disk_spec *s, const char *v, struct error *err)
{
	if (!strcmp(v, "raw") || !*v)
		s->format = BLOCK_FORMAT_RAW;
	else if (!strcmp(v, "qcow2"))
		s->format = BLOCK_FORMAT_QCOW2;
	else
		return error_set(err, "format '%s': raw or qcow2 is accepted", v);
	return 0;
}

static int set_vdev(struct pv_disk_spec *s, const char *v, struct error *err)
{
	int64_t n = pv_vdev_parse(v, s->name);

	if (n < 0)
		return error_set(err, "vdev '%s': a name as xvda, sdb3, hdc, d0p1 or a number is "
				 "accepted", v);
	s->vdev = (unsigned int)n;
	return 0;
}

static int set_access(struct pv_disk_spec *s, const char *v, struct error *err)
{
	if (!strcmp(v, "r") || !strcmp(v, "ro"))
		s->read_only = true;
	else if (!strcmp(v, "w") || !strcmp(v, "rw") || !*v)
		s->read_only = false;
	else
		return error_set(err, "access '%s': r, ro, w or rw is accepted", v);
	return 0;
}

static int set_devtype(struct pv_disk_spec *s, const char *v, struct error *err)
{
	if (strcmp(v, "cdrom") && strcmp(v, "disk"))
		return error_set(err, "devtype '%s': disk or cdrom is accepted", v);
	s->cdrom = !strcmp(v, "cdrom");
	return 0;
}

static int set_backend_type(struct pv_disk_spec *s, const char *v, struct error *err)
{
	if (strcmp(v, "phy") && strcmp(v, "tap") && strcmp(v, "qdisk"))
		return error_set(err, "backendtype '%s': phy, tap and qdisk are accepted and mean "
				 "the same", v);
	return 0;
}

static const struct disk_key {
	const char *key;
	int (*set)(struct pv_disk_spec *s, const char *v, struct error *err);
} disk_keys[] = {
	/* The first four, in this order, are the ones without a key. */
	{ "target", set_target },   { "format", set_format },
	{ "vdev", set_vdev },       { "access", set_access },
	{ "devtype", set_devtype }, { "backendtype", set_backend_type },
};

#define NR_DISK_KEYS (sizeof(disk_keys) / sizeof(disk_keys[0]))
#define NR_PLACES 4u
#define DISK_KEYS "target, format, vdev, access, devtype, backendtype and the words cdrom, " \
		  "discard, no-discard are accepted"

static int disk_flag(struct pv_disk_spec *s, const char *word)
{
	if (!strcmp(word, "cdrom"))
		s->cdrom = true;
	else if (!strcmp(word, "discard"))
		s->discard = true;
	else if (!strcmp(word, "no-discard"))
		s->discard = false;
	else
		return -1;
	return 0;
}

static int disk_value(struct pv_disk_spec *s, unsigned int *seen, unsigned int key, const char *v,
		      struct error *err)
{
	struct error why;

	if (*seen & 1u << key)
		return error_set(err, "disk: %s stands there twice", disk_keys[key].key);
	*seen |= 1u << key;
	if (disk_keys[key].set(s, v, &why))
		return error_set(err, "disk: %s", why.msg);
	return 0;
}

static int too_long(const char *key, struct error *err)
{
	return error_set(err, "disk: %s is too long", key);
}

int pv_disk_parse(struct pv_disk_spec *out, const char *text, struct error *err)
{
	unsigned int seen = 0, place = 0, i;
	char part[256], *value;
	const char *at = text, *start, *rest = NULL;
	bool fits;

	*out = (struct pv_disk_spec){ .format = BLOCK_FORMAT_RAW, .discard = true };
	if (!strncmp(text, "raw:", 4) || !strncmp(text, "qcow2:", 6)) {
		/* The old way of naming a format. */
		seen = 2;
		out->format = *text == 'r' ? BLOCK_FORMAT_RAW : BLOCK_FORMAT_QCOW2;
		at = strchr(text, ':') + 1;
	}
	while (start = at, next_part(&at, part, sizeof(part), &fits)) {
		while (isspace((unsigned char)*start))
			start++;
		/* target= takes all that is left: a path may contain commas. */
		if (!strncmp(start, "target=", 7)) {
			rest = start;
			if (disk_value(out, &seen, 0, rest + 7, err))
				return -1;
			break;
		}
		value = place == 0 && !(seen & 1) && *part == '/' ? NULL : value_of(part);
		if (value) {
			for (i = 0; i < NR_DISK_KEYS && strcmp(disk_keys[i].key, part); i++)
				;
			if (i == NR_DISK_KEYS && !(place == 0 && strstr(part, "://")))
				return error_set(err, "disk: key '%s': " DISK_KEYS, part);
			if (i < NR_DISK_KEYS) {
				if (!fits || disk_value(out, &seen, i, value, err))
					return fits ? -1 : too_long(part, err);
				continue;
			}
		}
		if (!disk_flag(out, part))
			continue;
		while (place < NR_PLACES && (seen & 1u << place))
			place++;
		if (place >= NR_PLACES)
			return error_set(err, "disk: '%s' after the access: target, format, vdev, "
					 "access, in this order, or KEY=VALUE is accepted", part);
		if (!place) {
			char target[sizeof(out->target)];
			size_t len = strcspn(start, ",");

			while (len && isspace((unsigned char)start[len - 1]))
				len--;
			snprintf(target, sizeof(target), "%.*s", (int)len, start);
			if (len >= sizeof(target) || disk_value(out, &seen, 0, target, err))
				return error_set(err, "disk: the target must have 1 to %zu "
						 "characters", sizeof(target) - 1);
		} else if (!fits || disk_value(out, &seen, place, part, err)) {
			return fits ? -1 : too_long(disk_keys[place].key, err);
		}
		place++;
	}
	if (!(seen & 1))
		return error_set(err, "disk '%s': no target, which is a file, a device or an NBD "
				 "URI", text);
	if (!(seen & 4))
		return error_set(err, "disk '%s': no vdev, as in vdev=xvda%s", text,
				 rest && strchr(rest, ',') ? "; target= takes all behind it, and so "
				 "stands last" : "");
	if (out->cdrom)
		out->read_only = true;
	if (!strncmp(out->target, "nbd", 3) && strstr(out->target, "://"))
		out->format = BLOCK_FORMAT_NBD;
	return 0;
}

/* --- network cards --- */

static int set_mac(struct pv_vif_spec *s, const char *v, struct error *err)
{
	unsigned int b[6], i;
	int len = 0;

	if (sscanf(v, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5],
		   &len) != 6 || v[len] || len != 17)
		return error_set(err, "mac '%s': six pairs of hexadecimal digits with colons are "
				 "accepted", v);
	if (b[0] & 1)
		return error_set(err, "mac '%s': is a group's; the first byte must be even", v);
	for (i = 0; i < 6; i++)
		s->mac[i] = (uint8_t)b[i];
	s->has_mac = true;
	return 0;
}

static int interface_name(char out[16], const char *what, const char *v, struct error *err)
{
	if (!*v || strlen(v) > 15 || strchr(v, '/') || strchr(v, ' '))
		return error_set(err, "%s '%s': an interface's name has 1 to 15 characters", what,
				 v);
	strcpy(out, v);
	return 0;
}

static int set_bridge(struct pv_vif_spec *s, const char *v, struct error *err)
{
	return interface_name(s->bridge, "bridge", v, err);
}

/* "/dev/fd/N", and no more behind it. */
static bool is_descriptor(const char *v)
{
	const char *end = "x";

	return !strncmp(v, "/dev/fd/", 8) && decimal(v + 8, &end, 999999) >= 0 && !*end;
}

static int set_vifname(struct pv_vif_spec *s, const char *v, struct error *err)
{
	if (is_descriptor(v)) {
		strcpy(s->tap, v);
		return 0;
	}
	return interface_name(s->tap, "vifname", v, err);
}

static int set_link(struct pv_vif_spec *s, const char *v, struct error *err)
{
	const char *p;

	if (is_descriptor(v)) {
		strcpy(s->link, v);
		return 0;
	}
	for (p = v; isalnum((unsigned char)*p) || (*p && strchr("-_.", *p)); p++)
		;
	if (!*v || *v == '.' || *p || strlen(v) >= sizeof(s->link))
		return error_set(err, "link '%s': 1 to %zu letters, digits, '-', '_', '.' are "
				 "accepted", v, sizeof(s->link) - 1);
	strcpy(s->link, v);
	return 0;
}

static int set_hostfwd(struct pv_vif_spec *s, const char *v, struct error *err)
{
	const char *end = "x";
	int64_t host = -1, guest = -1;

	if (s->nr_hostfwd == PV_MAX_HOSTFWD)
		return error_set(err, "hostfwd: at most %u of them", PV_MAX_HOSTFWD);
	if (!strncmp(v, "tcp:", 4))
		host = decimal(v + 4, &end, 65535);
	if (host > 0 && *end == ':')
		guest = decimal(end + 1, &end, 65535);
	if (guest <= 0 || *end)
		return error_set(err, "hostfwd '%s': tcp:HOSTPORT:GUESTPORT is accepted", v);
	s->hostfwd[s->nr_hostfwd++] = (struct net_hostfwd){ (uint16_t)host, (uint16_t)guest };
	return 0;
}

static int set_devid(struct pv_vif_spec *s, const char *v, struct error *err)
{
	const char *end = "x";
	int64_t n = decimal(v, &end, 255);

	if (n < 0 || *end)
		return error_set(err, "devid '%s': 0 to 255 is accepted", v);
	s->devid = (int)n;
	return 0;
}

static int set_type(struct pv_vif_spec *s, const char *v, struct error *err)
{
	return strcmp(v, "vif") ? error_set(err, "type '%s': vif is accepted", v) : 0;
}

static const struct {
	const char *key;
	int (*set)(struct pv_vif_spec *s, const char *v, struct error *err);
} vif_keys[] = {
	{ "mac", set_mac },   { "bridge", set_bridge },   { "vifname", set_vifname },
	{ "link", set_link }, { "hostfwd", set_hostfwd }, { "devid", set_devid },
	{ "type", set_type },
};

#define NR_VIF_KEYS (sizeof(vif_keys) / sizeof(vif_keys[0]))

int pv_vif_parse(struct pv_vif_spec *out, const char *text, struct error *err)
{
	unsigned int seen = 0, i;
	char part[256], *value;
	struct error why;
	bool fits;

	*out = (struct pv_vif_spec){ .devid = -1 };
	while (next_part(&text, part, sizeof(part), &fits)) {
		/* Nothing at all is a card with everything by default. */
		if (!*part)
			continue;
		value = fits ? value_of(part) : NULL;
		for (i = 0; value && i < NR_VIF_KEYS && strcmp(vif_keys[i].key, part); i++)
			;
		if (!value || i == NR_VIF_KEYS)
			return error_set(err, "vif: '%s': mac=, bridge=, vifname=, link=, "
					 "hostfwd=, devid= and type=vif are accepted", part);
		if ((seen & 1u << i) && vif_keys[i].set != set_hostfwd)
			return error_set(err, "vif: %s stands there twice", part);
		seen |= 1u << i;
		if (vif_keys[i].set(out, value, &why))
			return error_set(err, "vif: %s", why.msg);
	}
	if (*out->bridge || *out->tap)
		out->kind = PV_VIF_TAP;
	else if (*out->link)
		out->kind = PV_VIF_LINK;
	if (*out->link && out->kind != PV_VIF_LINK)
		return error_set(err, "vif: link= goes with neither bridge= nor vifname=");
	if (out->nr_hostfwd && out->kind != PV_VIF_USER)
		return error_set(err, "vif: hostfwd= is for the user-mode network, without "
				 "bridge=, vifname= and link=");
	return 0;
}
