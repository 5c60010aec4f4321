/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What net.c and the kinds of network share. All runs on the I/O thread but open and close. */
#ifndef PARAVANE_BACKEND_NET_DRIVER_H
#define PARAVANE_BACKEND_NET_DRIVER_H

#include "backend/net.h"

#define NET_MAX_QUEUE 512 /* frames that wait for the receiver */

struct net_ops {
	unsigned int offloads; /* NET_SEND_* and NET_RECEIVE_* */
	void (*send)(struct net *net, const struct iovec *iov, unsigned int n,
		     const struct net_offload *o);
	/* The queue has run empty after net_deliver() had to queue. May be NULL. */
	void (*resume)(struct net *net);
	/* Any thread. May be NULL: nothing changes then. */
	void (*set_receive_offloads)(struct net *net, unsigned int offloads);
	/* Any thread. Frees net. */
	void (*close)(struct net *net);
};

struct net_frame {
	struct net_frame *next;
	struct net_offload offload;
	size_t len;
	uint8_t data[];
};

/* The first member of each kind's structure. */
struct net {
	const struct net_ops *ops;
	struct eventloop *el;
	const struct net_receiver *receiver;
	struct io_counters *counters;   /* or NULL */
	struct net_frame *head, **tail; /* frames the receiver had no room for */
	unsigned int queued;
};

void net_init(struct net *net, const struct net_ops *ops, struct eventloop *el);
/* Hands a frame to the receiver, or queues it, or drops it when the queue is full. */
void net_deliver(struct net *net, const void *frame, size_t len, const struct net_offload *o);
/* True while frames wait: the network had better wait too. */
bool net_is_waiting(const struct net *net);
/* Frees what waits; part of close. */
void net_drop_queue(struct net *net);

#endif
