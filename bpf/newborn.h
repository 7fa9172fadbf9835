/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tcp_time_wait() makes a stand-in and then closes its socket, nearly always without leaving the
 * CPU. So a new stand-in waits here for its socket's last transition, which takes it along, and
 * needs no record of its own. There is a place for one on each CPU, see cpu.h.
 */
#ifndef TCPFLUX_NEWBORN_H
#define TCPFLUX_NEWBORN_H

#include "vmlinux.h"

/* One that waits beyond these only causes a record. */
#define NEWBORN_MAX 1024

extern const volatile __u32 newborn_places; /* so many are in use */

/*
 * The state of this connection's stand-in, once; 0: none waits. `expected`: look everywhere, which
 * is verified but once for each CPU and not again on each path to here.
 */
__u8 newborn__take(__u64 cookie, bool expected);

#endif
