/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What ss asks the kernel for its list: sock_diag(7). */
#ifndef TCPFLUX_SOCK_DIAG_H
#define TCPFLUX_SOCK_DIAG_H

#include <stdint.h>

/*
 * Adds the number of the stand-ins for closed connections that are in FIN_WAIT2, in the network
 * namespace that the caller is in. protocol: IPPROTO_TCP. Returns 0 or a negative errno; -ENOENT or
 * -EPROTONOSUPPORT: the kernel was built without (CONFIG_INET_DIAG), or can't load a module of it.
 */
int sock_diag__add_fin_wait2(int protocol, uint64_t *count);

#endif
