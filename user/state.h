/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* TCP's states, numbered as the kernel numbers them (include/net/tcp_states.h). */
#ifndef TCPFLUX_STATE_H
#define TCPFLUX_STATE_H

#include <netinet/tcp.h>

#define TCP_NEW_SYN_RECV 12 /* a request socket: half open */
#define STATE_COUNT	 13 /* 0 is not a state */

/* Longest name, "NEW_SYN_RECV", and longest unknown one, "UNKNOWN(255)". */
#define STATE_NAME_LEN 12

/*
 * The name without TCP_, or NULL for a number that is not a state. STATE_NAME_SIZE bytes of it can
 * be read.
 */
#define STATE_NAME_SIZE 16
const char *state__name(unsigned int state);

/* Its length; 0 for a number that is not a state. */
unsigned int state__name_len(unsigned int state);

#endif
