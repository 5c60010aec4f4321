/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames through a tap interface, with checksums and segmentation left to who can do them best. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "backend/eventloop.h"
#include "backend/fdpath.h"
#include "backend/net_driver.h"
#include "backend/net_vnet.h"

#define TAP_DEVICE "/dev/net/tun"
#define FRAMES_AT_ONCE 64 /* then others on the I/O thread have their turn */

struct tap {
	struct net net;
	int fd;
	struct eventloop_fd *watch;
	uint8_t frame[NET_MAX_FRAME];
};

static void readable(void *ctx, short revents)
{
	struct tap *t = ctx;
	struct virtio_net_hdr h;
	struct iovec iov[2] = { { &h, sizeof(h) }, { t->frame, sizeof(t->frame) } };
	struct net_offload o;
	ssize_t len;

	for (int i = 0; i < FRAMES_AT_ONCE && !net_is_waiting(&t->net); i++) {
		len = readv(t->fd, iov, 2);
		/* The interface may have been taken away: then nothing comes any more. */
		if (len < 0 && errno != EAGAIN && errno != EINTR && errno != EIO)
			eventloop_fd_set(t->watch, 0);
		if (len <= (ssize_t)sizeof(h))
			return;
		net_from_vnet(&h, &o);
		net_deliver(&t->net, t->frame, (size_t)len - sizeof(h), &o);
	}
	/* The kernel queues for us while the receiver has no room. */
	if (net_is_waiting(&t->net))
		eventloop_fd_set(t->watch, 0);
}

static void tap_resume(struct net *net)
{
	struct tap *t = (struct tap *)net;

	eventloop_fd_set(t->watch, POLLIN);
}

static void tap_send(struct net *net, const struct iovec *iov, unsigned int n,
		     const struct net_offload *o)
{
	struct tap *t = (struct tap *)net;
	struct iovec with_header[IOV_MAX];
	struct virtio_net_hdr h;
	ssize_t len;

	if (n >= IOV_MAX)
		return;
	net_to_vnet(o, &h);
	with_header[0] = (struct iovec){ &h, sizeof(h) };
	memcpy(with_header + 1, iov, n * sizeof(*iov));
	do
		len = writev(t->fd, with_header, (int)n + 1);
	while (len < 0 && errno == EINTR);
}

static void tap_set_offloads(struct net *net, unsigned int offloads)
{
	static const struct {
		unsigned int ours, tap;
	} bits[] = {
		{ NET_RECEIVE_CSUM, TUN_F_CSUM },
		{ NET_RECEIVE_TSO4, TUN_F_TSO4 },
		{ NET_RECEIVE_TSO6, TUN_F_TSO6 },
		{ NET_RECEIVE_ECN, TUN_F_TSO_ECN },
	};
	struct tap *t = (struct tap *)net;
	unsigned int flags = 0;

	/* The kernel knows no segments without checksums, and no ECN without segments. */
	if (!(offloads & NET_RECEIVE_CSUM))
		offloads = 0;
	if (!(offloads & (NET_RECEIVE_TSO4 | NET_RECEIVE_TSO6)))
		offloads &= ~(unsigned int)NET_RECEIVE_ECN;
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (offloads & bits[i].ours)
			flags |= bits[i].tap;
	if (ioctl(t->fd, TUNSETOFFLOAD, flags) < 0)
		ioctl(t->fd, TUNSETOFFLOAD, 0);
}

static void tap_close(struct net *net)
{
	struct tap *t = (struct tap *)net;

	eventloop_fd_remove(t->watch);
	if (t->fd >= 0)
		close(t->fd);
	net_drop_queue(net);
	free(t);
}

static const struct net_ops ops = {
	.offloads = NET_SEND_CSUM | NET_SEND_TSO4 | NET_SEND_TSO6 | NET_SEND_ECN |
		    NET_RECEIVE_CSUM | NET_RECEIVE_TSO4 | NET_RECEIVE_TSO6 | NET_RECEIVE_ECN,
	.send = tap_send,
	.resume = tap_resume,
	.set_receive_offloads = tap_set_offloads,
	.close = tap_close,
};

/* Puts the interface on the bridge and takes both up. */
static int join_bridge(const char *bridge, const char *name, struct error *err)
{
	struct ifreq ifr = { .ifr_ifindex = (int)if_nametoindex(name) };
	int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc = -1;

	strcpy(ifr.ifr_name, bridge);
	/* Already there, by whoever made the interface, is fine. */
	if (sock >= 0 && (!ioctl(sock, SIOCBRADDIF, &ifr) || errno == EBUSY)) {
		strcpy(ifr.ifr_name, name);
		rc = ioctl(sock, SIOCGIFFLAGS, &ifr);
		if (!rc && !(ifr.ifr_flags & IFF_UP)) {
			ifr.ifr_flags |= IFF_UP;
			rc = ioctl(sock, SIOCSIFFLAGS, &ifr);
		}
	}
	if (rc)
		error_set(err, "network bridge=%s: cannot put %s on it: %s", bridge, name,
			  errno == EPERM ? "that needs root; make a tap interface on the bridge "
			  "and name it by vifname=" : strerror(errno));
	if (sock >= 0)
		close(sock);
	return rc;
}

/* Sets the descriptor up for frames with our header. 0, or -1 with errno. */
static int set_header(int fd)
{
	int header = sizeof(struct virtio_net_hdr);

	return ioctl(fd, TUNSETVNETHDRSZ, &header) < 0 || ioctl(fd, TUNSETOFFLOAD, 0) < 0 ? -1 : 0;
}

/* A tap interface of our own, which goes with its descriptor; its name in `name`. */
static int make(const char *bridge, char name[IFNAMSIZ], struct error *err)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR,
			     .ifr_name = "paravane%d" };
	int fd = open(TAP_DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return error_set(err, "network bridge=%s: %s: %s", bridge, TAP_DEVICE,
				 strerror(errno));
	if (ioctl(fd, TUNSETIFF, &ifr) < 0 || set_header(fd) < 0) {
		error_set(err, "network bridge=%s: cannot make a tap interface: %s", bridge,
			  errno == EPERM ? "that needs root; make one on the bridge and name it by "
			  "vifname=" : strerror(errno));
		close(fd);
		return -1;
	}
	strcpy(name, ifr.ifr_name);
	return fd;
}

static int attach(const char *name, struct error *err)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int fd;

	if (!*name || strlen(name) >= IFNAMSIZ)
		return error_set(err, "network tap=%s: an interface's name has 1 to %d characters",
				 name, IFNAMSIZ - 1);
	/* Opening would make one that leads nowhere. */
	if (!if_nametoindex(name))
		return error_set(err, "network tap=%s: no such interface: make it with \"ip tuntap "
				 "add dev %s mode tap user NAME\"", name, name);
	fd = open(TAP_DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return error_set(err, "network tap=%s: %s: %s", name, TAP_DEVICE, strerror(errno));
	strcpy(ifr.ifr_name, name);
	if (!ioctl(fd, TUNSETIFF, &ifr) && !set_header(fd))
		return fd;
	switch (errno) {
	case EPERM:
		error_set(err, "network tap=%s: not ours: make it with \"ip tuntap add dev %s mode "
			  "tap user NAME\", or run as root", name, name);
		break;
	case EBUSY:
		error_set(err, "network tap=%s: in use by another program", name);
		break;
	case EINVAL:
		error_set(err, "network tap=%s: is not a tap interface", name);
		break;
	default:
		error_set(err, "network tap=%s: %s", name, strerror(errno));
	}
	close(fd);
	return -1;
}

/* One that net_tap_descriptor() made: that is attached to an interface. */
static int take_descriptor(const char *path, struct error *err)
{
	struct ifreq ifr;
	int n = 0, fd = -1;

	if (sscanf(path, "/dev/fd/%d%n", &fd, &n) == 1 && !path[n] &&
	    !ioctl(fd, TUNGETIFF, &ifr))
		fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	else
		fd = -1;
	if (fd < 0)
		return error_set(err, "network %s: is no open tap interface", path);
	return fd;
}

int net_tap_descriptor(const char *bridge, const char *name, struct error *err)
{
	char made[IFNAMSIZ];
	int fd;

	if (bridge && (strlen(bridge) >= IFNAMSIZ || !if_nametoindex(bridge)))
		return error_set(err, "network bridge=%s: no such interface", bridge);
	if (name && fdpath_is(name))
		return take_descriptor(name, err);
	fd = name ? attach(name, err) : make(bridge, made, err);
	if (fd >= 0 && bridge && join_bridge(bridge, name ? name : made, err) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

int net_open_bridge(struct net **out, struct eventloop *el, const char *bridge, const char *name,
		    struct error *err)
{
	struct tap *t = calloc(1, sizeof(*t));

	if (!t)
		return error_set(err, "network: out of memory");
	net_init(&t->net, &ops, el);
	t->fd = net_tap_descriptor(bridge, name, err);
	if (t->fd < 0) {
		tap_close(&t->net);
		return -1;
	}
	/* Waits with reading until `watch` is set. */
	t->watch = eventloop_fd_add(el, t->fd, 0, readable, t);
	if (!t->watch) {
		tap_close(&t->net);
		return error_set(err, "network: out of memory");
	}
	eventloop_fd_set(t->watch, POLLIN);
	*out = &t->net;
	return 0;
}

int net_open_tap(struct net **out, struct eventloop *el, const char *name, struct error *err)
{
	return net_open_bridge(out, el, NULL, name, err);
}
