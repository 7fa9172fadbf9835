/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From the wire record to a transition, or to a socket. */
#ifndef TCPFLUX_DECODE_H
#define TCPFLUX_DECODE_H

#include <stddef.h>

#include "../tcp_socket.h"
#include "../transition.h"
#include "standins.h"

/*
 * Decodes one record. boot_time: the wall clock when CLOCK_BOOTTIME was 0, in ns. The owner's
 * cgroup path stays NULL: the wire has only its number.
 * Returns 0, or -EBADMSG for a record of an unknown type or a wrong size.
 */
int decode_transition(const void *record, size_t size, uint64_t boot_time, struct transition *tr);

/* The same for a record about a stand-in. */
int decode_standin(const void *record, size_t size, uint64_t boot_time,
		   struct standin_event *event);

/*
 * The same for the record that the walk over all sockets writes. tick_ns: a jiffy. How long the
 * socket is in its state is not known from it.
 */
int decode_socket(const void *record, size_t size, uint64_t tick_ns, struct tcp_socket *socket);

#endif
