/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GLib has its Unix functions in a header of their own. */
#include "glib.h"
