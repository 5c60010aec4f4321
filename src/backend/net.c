/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all networks have in common: the receiver and the queue before it. */
#include <stdlib.h>
#include <string.h>

#include "backend/eventloop.h"
#include "backend/net_driver.h"

static const struct net_offload no_offload;

void net_init(struct net *net, const struct net_ops *ops, struct eventloop *el)
{
	net->ops = ops;
	net->el = el;
	net->tail = &net->head;
}

static bool offer(struct net *net, const void *frame, size_t len, const struct net_offload *o)
{
	/* Nobody listens: the frame is lost, as on a wire. */
	if (!net->receiver)
		return true;
	if (!net->receiver->receive(net->receiver->ctx, frame, len, o))
		return false;
	if (net->counters) {
		net->counters->in_ops++;
		net->counters->in_bytes += len;
	}
	return true;
}

void net_deliver(struct net *net, const void *frame, size_t len, const struct net_offload *o)
{
	struct net_frame *f;

	if (!o)
		o = &no_offload;
	if (!net->head && offer(net, frame, len, o))
		return;
	if (net->queued == NET_MAX_QUEUE)
		return;
	f = malloc(sizeof(*f) + len);
	if (!f)
		return;
	f->next = NULL;
	f->offload = *o;
	f->len = len;
	memcpy(f->data, frame, len);
	*net->tail = f;
	net->tail = &f->next;
	net->queued++;
}

bool net_is_waiting(const struct net *net)
{
	return net->head != NULL;
}

static void drop_head(struct net *net)
{
	struct net_frame *f = net->head;

	net->head = f->next;
	if (!net->head)
		net->tail = &net->head;
	net->queued--;
	free(f);
}

void net_drop_queue(struct net *net)
{
	while (net->head)
		drop_head(net);
}

void net_resume(struct net *net)
{
	struct net_frame *f;

	if (!net->head)
		return;
	while ((f = net->head)) {
		if (!offer(net, f->data, f->len, &f->offload))
			return;
		drop_head(net);
	}
	if (net->ops->resume)
		net->ops->resume(net);
}

void net_count(struct net *net, struct io_counters *counters)
{
	net->counters = counters;
}

void net_send(struct net *net, const struct iovec *iov, unsigned int n,
	      const struct net_offload *o)
{
	if (net->counters) {
		net->counters->out_ops++;
		for (unsigned int i = 0; i < n; i++)
			net->counters->out_bytes += iov[i].iov_len;
	}
	net->ops->send(net, iov, n, o ? o : &no_offload);
}

unsigned int net_offloads(const struct net *net)
{
	return net->ops->offloads;
}

void net_set_receive_offloads(struct net *net, unsigned int offloads)
{
	if (net->ops->set_receive_offloads)
		net->ops->set_receive_offloads(net, offloads);
}

struct set_receiver {
	struct net *net;
	const struct net_receiver *receiver;
};

static void set_receiver(void *arg)
{
	struct set_receiver *s = arg;

	s->net->receiver = s->receiver;
	net_resume(s->net);
}

void net_set_receiver(struct net *net, const struct net_receiver *receiver)
{
	struct set_receiver s = { net, receiver };

	eventloop_call(net->el, set_receiver, &s);
}

void net_close(struct net *net)
{
	if (net)
		net->ops->close(net);
}
