/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Networks on the host: user-mode (libslirp), a tap interface or a link to another card, as
 * Ethernet frames in and out.
 *
 * Threads: all functions and callbacks but net_open_*() and net_close() run on the I/O thread.
 */
#ifndef PARAVANE_BACKEND_NET_H
#define PARAVANE_BACKEND_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "backend/error.h"
#include "backend/io_counters.h"

struct eventloop;
struct net;

#define NET_MAX_FRAME (65536 + 64) /* bytes of a frame, segmentation offload included */

enum net_gso { NET_GSO_NONE, NET_GSO_TCPV4, NET_GSO_TCPV6 };

/* What is left to do with a frame. All zero: nothing. */
struct net_offload {
	bool needs_csum;      /* the sum from csum_start on belongs at csum_start + csum_offset */
	bool csum_valid;      /* whoever sent it has checked the checksum */
	bool ecn;             /* gso: the frame has CWR set */
	enum net_gso gso;
	uint16_t csum_start, csum_offset;
	uint16_t hdr_len, gso_size;
};

/* Who takes the frames that come from the host. */
struct net_receiver {
	/*
	 * Takes the frame (true), or has no room (false): it waits in a short queue, and is offered
	 * again after net_resume(). May be called from inside net_send().
	 */
	bool (*receive)(void *ctx, const void *frame, size_t len, const struct net_offload *o);
	void *ctx;
};

/* A TCP port of the host, on 127.0.0.1, that leads to one of the guest. */
struct net_hostfwd {
	uint16_t host_port, guest_port;
};

/*
 * User-mode network 10.0.2.0/24: gateway and host 10.0.2.2, DNS 10.0.2.3, DHCP from 10.0.2.15
 * (which the forwarded ports lead to). Returns 0, or -1 with *err set.
 */
int net_open_user(struct net **net, struct eventloop *el, const struct net_hostfwd *fwd,
		  unsigned int nr_fwd, struct error *err);
/*
 * The tap interface of that name, which must exist; "/dev/fd/N" is what net_tap_descriptor() has
 * returned elsewhere. Returns 0, or -1 with *err set.
 */
int net_open_tap(struct net **net, struct eventloop *el, const char *name, struct error *err);
/*
 * The same, put on the bridge of that name (NULL: none); without a name one is made, which goes
 * when it is closed. Either needs CAP_NET_ADMIN.
 */
int net_open_bridge(struct net **net, struct eventloop *el, const char *bridge, const char *name,
		    struct error *err);
/* Its descriptor alone, for a process that may not open it: the caller's. -1 with *err set. */
int net_tap_descriptor(const char *bridge, const char *name, struct error *err);
/*
 * One end of a wire to another card, of this process or another of the same user, that opens the
 * same path: a socket that the first of the two makes. What is sent while nobody is at the other
 * end is lost; an end whose other end has gone looks for a new one. A third stays alone until one
 * of the two leaves. Returns 0, or -1 with *err set.
 */
int net_open_link(struct net **net, struct eventloop *el, const char *path, struct error *err);
/*
 * What opening that path does, for a process that may not: *path is "/dev/fd/N" there then
 * (fdpath_connect()). Returns a socket, connected or (*listens) listening; or -1 with errno, of
 * which EAGAIN is for trying again later.
 */
int net_link_meet(const char *path, bool *listens);

/* Any thread. No receiver may be set any more. NULL is fine. */
void net_close(struct net *net);

/* Frames are counted there from now on; it outlives the network. Before there is a receiver. */
void net_count(struct net *net, struct io_counters *counters);

/*
 * What the network can do with struct net_offload: finish checksums and cut segments of frames that
 * are sent, and leave either to the receiver. The rest must stay zero in net_send().
 */
enum {
	NET_SEND_CSUM = 1 << 0,
	NET_SEND_TSO4 = 1 << 1,
	NET_SEND_TSO6 = 1 << 2,
	NET_SEND_ECN = 1 << 3,
	NET_RECEIVE_CSUM = 1 << 4,
	NET_RECEIVE_TSO4 = 1 << 5,
	NET_RECEIVE_TSO6 = 1 << 6,
	NET_RECEIVE_ECN = 1 << 7,
};

/* Those of the bits above that this network has. Any thread. */
unsigned int net_offloads(const struct net *net);

/* Sets who receives; NULL stops. Any thread: returns when the one before is no longer called. */
void net_set_receiver(struct net *net, const struct net_receiver *receiver);

/* What the receiver can take from now on: NET_RECEIVE_*; nothing if never called. Any thread. */
void net_set_receive_offloads(struct net *net, unsigned int offloads);

/* Sends a frame; one that cannot be sent is dropped, as on a wire. */
void net_send(struct net *net, const struct iovec *iov, unsigned int n,
	      const struct net_offload *o);

/* The receiver has room again. */
void net_resume(struct net *net);

#endif
