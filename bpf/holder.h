/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A place in the table of holders.h, of which the loader says how many there are. */
#ifndef TCPFLUX_HOLDER_H
#define TCPFLUX_HOLDER_H

#include "event.h"

struct holder {
	__u64 cookie; /* of the socket */
	struct event_owner owner;
	__u32 walk; /* in which it was found; not in this one: nobody's place */
	__u32 reserved;
};

#endif
