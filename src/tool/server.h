/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host process's side of the control socket: commands in, answers and events out. */
#ifndef PARAVANE_TOOL_SERVER_H
#define PARAVANE_TOOL_SERVER_H

#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>

#include "tool/console_hub.h"
#include "tool/hvm_domain.h"
#include "tool/rundir.h"
#include "tool/wire.h"
#include "xen/pv_domain.h"

/* What the server keeps of a domain: shared by those that a rename-restart makes of it. */
struct server_domain {
	struct server_domain *next;
	domid_t domid;
	struct hvm_domain *hvm; /* a reference; NULL: it is a pv domain, of server->host */
	struct server_shared {
		unsigned int refs;
		json_t *config;         /* as the command gave it; read only */
		struct wire_fds fds;    /* its kernel, ramdisk, disks: for restarts */
		struct console_hub *hub;
		int console;            /* the guest's end of it */
		int attendant[2];       /* of sockets that listen for it (attendant.h), of `fds` */
		unsigned int nr_attendants;
	} *shared;
};

struct server_listener {
	struct server_listener *next;
	int fd;
};

struct server {
	const char *name;   /* of the host */
	const char *folder; /* its own, for consoles' logs */
	bool landlock, namespaces, sandbox; /* what confines the process */
	const char *core_dir; /* for coredump-*, or NULL */
	char keeper[32];      /* "/dev/fd/N": what stands for these two folders, if confined */
	struct pv_host *host;
	struct rundir_domids domids;
	struct console_hubs hubs;

	pthread_mutex_t lock; /* all below; nothing of pv_*.h is called with it */
	pthread_cond_t changed;
	struct server_domain *domains;
	struct server_listener *listeners; /* connections that want events */
	unsigned int starting;             /* commands under way that may make a domain */
	unsigned int busy;                 /* requests to be answered, events to be sent */
	bool ending;                       /* takes no new domain any more */
};

/* A connection, on a thread of its own. */
struct server_conn {
	struct server *server;
	struct wire wire;
	struct wire_fds fds;  /* of the request being served */
	bool first;           /* of the command that started the process */
	struct pv_domain *tied;      /* goes when the connection does; or NULL */
	struct hvm_domain *tied_hvm; /* or one of these */
	bool detached;          /* the descriptor is somebody else's now */
};

/* What serve() is to do with a request. The answer gets "ok" if it returns 0. */
struct server_command {
	const char *name;
	bool domain; /* it has a domain, found by "domain": an id */
	int (*run)(struct server_conn *c, struct pv_domain *d, const json_t *request,
		   json_t *answer, struct error *err);
	/* For hvm domains; NULL: `why` says why there is none. */
	int (*hvm)(struct server_conn *c, struct hvm_domain *d, const json_t *request,
		   json_t *answer, struct error *err);
	const char *why;
};

/* Ended by a NULL name. */
extern const struct server_command server_commands[];

/*
 * Serves until the last domain has gone. `listener` is the control socket; `first` the connection
 * of the command that started the process, `store` the socket of
 * the store. Returns 0, or -1 with *err when it cannot even start.
 */
int server_run(struct server *s, int listener, int first, int store, struct error *err);

/* --- for the commands --- */

/* What stands before the names of the process's own files, and of cores (NULL: there are none). */
const char *server_file_folder(const struct server *s);
const char *server_core_folder(const struct server *s);

/* The entry of a domain's, or NULL; with the lock. */
struct server_domain *server_find(struct server *s, domid_t domid);
/* Adds an entry, without the lock; false: no memory. Takes *shared over. */
bool server_add(struct server *s, domid_t domid, struct server_shared *shared);
/* n (1 or -1) more things under way that are to be done before the process ends. */
void server_busy(struct server *s, int n);
/* Says that the entry is that of a machine: takes a reference. Without the lock. */
void server_set_hvm(struct server *s, domid_t domid, struct hvm_domain *d);
/* Forgets a domain that has gone; without the lock. */
void server_remove(struct server *s, domid_t domid);
/* What becomes of machines; ctx is the server. */
extern const struct hvm_ops server_hvm_ops;
/* A line in the log, with the time. Any thread. */
void server_log(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* "seccomp, Landlock, namespaces": what confines the process. Returns buf. */
char *server_sandbox(const struct server *s, char *buf, size_t size);
/* Puts /dev/fd/@N into a message where the number is that of fds->fd[N]. */
void server_hide_numbers(const struct wire_fds *fds, struct error *err);

/* What list and events tell of a domain of a kind ("pv", "hvm"). */
json_t *server_describe(const struct pv_domain_info *info, const char *kind);

#endif
