/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the configuration to virtio devices with their back ends. */
#include "machine/devices.h"

#include <stdio.h>
#include <string.h>

#include "backend/block.h"
#include "backend/net.h"
#include "machine/machine.h"
#include "machine/virtio.h"

static int add_disk(struct pci_bus *bus, struct ia64_memory *mem, const struct machine_disk *disk,
		    unsigned int n, struct error *err)
{
	static const enum block_format formats[] = {
		[MACHINE_DISK_UNNAMED] = BLOCK_FORMAT_NONE,
		[MACHINE_DISK_RAW] = BLOCK_FORMAT_RAW,
		[MACHINE_DISK_QCOW2] = BLOCK_FORMAT_QCOW2,
	};
	const struct block_options options = {
		.path = disk->path,
		.format = formats[disk->format],
		.read_only = disk->read_only,
		.snapshot = disk->snapshot,
	};
	struct block *block;
	char serial[16];

	if (block_open(&block, &options, err) < 0)
		return -1;
	if (disk->counters)
		block_count(block, disk->counters);
	snprintf(serial, sizeof(serial), "disk%u", n);
	if (virtio_blk_add(bus, mem, block, serial, err) < 0) {
		block_close(block);
		return -1;
	}
	return 0;
}

/* A locally administered address that stays the same for a machine of the same name. */
static void make_mac(const char *name, unsigned int n, uint8_t mac[6])
{
	uint32_t hash = 2166136261u; /* FNV-1a */
	unsigned int i;

	for (; name && *name; name++)
		hash = (hash ^ (uint8_t)*name) * 16777619u;
	hash += n;
	mac[0] = 0x02;
	mac[1] = 0x64;
	for (i = 0; i < 4; i++)
		mac[2 + i] = (uint8_t)(hash >> i * 8);
}

static int add_net(struct pci_bus *bus, struct ia64_memory *mem, struct eventloop *loop,
		   const struct machine_config *config, unsigned int n, struct error *err)
{
	const struct machine_net *want = &config->nets[n];
	struct net_hostfwd fwd[MACHINE_MAX_HOSTFWD];
	struct net *net;
	uint8_t mac[6];
	unsigned int i;
	int rc;

	for (i = 0; i < want->nr_hostfwd; i++)
		fwd[i] = (struct net_hostfwd){ want->hostfwd[i].host_port,
					       want->hostfwd[i].guest_port };
	if (want->kind == MACHINE_NET_USER)
		rc = net_open_user(&net, loop, fwd, want->nr_hostfwd, err);
	else if (want->kind == MACHINE_NET_TAP)
		rc = net_open_tap(&net, loop, want->tap, err);
	else
		rc = net_open_link(&net, loop, want->link, err);
	if (rc < 0)
		return -1;
	if (want->counters)
		net_count(net, want->counters);
	if (want->has_mac)
		memcpy(mac, want->mac, sizeof(mac));
	else
		make_mac(config->name, n, mac);
	if (virtio_net_add(bus, mem, loop, net, mac, err) < 0) {
		net_close(net);
		return -1;
	}
	return 0;
}

int devices_create(struct pci_bus *bus, struct ia64_memory *mem, struct eventloop *loop,
		   struct console *console, const struct machine_config *config,
		   struct error *err)
{
	unsigned int i;

	for (i = 0; i < config->nr_disks; i++) {
		if (add_disk(bus, mem, &config->disks[i], i, err) < 0)
			return -1;
	}
	for (i = 0; i < config->nr_nets; i++) {
		if (add_net(bus, mem, loop, config, i, err) < 0)
			return -1;
	}
	if (virtio_console_add(bus, mem, console, err) < 0)
		return -1;
	return virtio_rng_add(bus, mem, err);
}
