/* SPDX-License-Identifier: GPL-2.0-or-later */
/* States of either end of a device, in its "state" node. Source: Xen 4.1 public/io/xenbus.h. */
#ifndef XEN_INTERFACE_IO_XENBUS_H
#define XEN_INTERFACE_IO_XENBUS_H

enum xenbus_state {
	XenbusStateUnknown = 0,
	XenbusStateInitialising = 1,
	XenbusStateInitWait = 2,    /* waits for the other end's details */
	XenbusStateInitialised = 3, /* details are there, waits for the connection */
	XenbusStateConnected = 4,
	XenbusStateClosing = 5,
	XenbusStateClosed = 6,
	XenbusStateReconfiguring = 7,
	XenbusStateReconfigured = 8,
};

#endif
