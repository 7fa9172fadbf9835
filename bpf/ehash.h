/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel's table of connections. tcp_time_wait() puts a stand-in there into its socket's place,
 * and only then closes the socket: whose last transition finds it, whatever else was seen of it.
 */
#ifndef TCPFLUX_EHASH_H
#define TCPFLUX_EHASH_H

#include "vmlinux.h"

/*
 * The state of a connection's stand-in, TCP_TIME_WAIT or TCP_FIN_WAIT2; 0: it has none. hashinfo:
 * the table's address; hash: the connection's (skc_hash). A stand-in has its socket's cookie, if
 * that had one (inet_twsk_alloc()).
 */
__u8 ehash__find_standin(__u64 hashinfo, __u32 hash, __u64 cookie);

#endif
