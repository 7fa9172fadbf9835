/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef TCPFLUX_NETNS_H
#define TCPFLUX_NETNS_H

/*
 * A reader for option tables, see parse.h: a network namespace by its name under /run/netns, as
 * `self`, or by its inode number. dest: uint32_t, the inode number.
 */
const char *parse_netns(const char *text, void *dest);

#endif
