/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A place in the table of holders.h, which the loader makes. */
#ifndef TCPFLUX_HOLDER_H
#define TCPFLUX_HOLDER_H

#include "event.h"

struct holder {
	__u64 cookie; /* of the socket; 0: nobody's place */
	struct event_owner owner;
};

#endif
