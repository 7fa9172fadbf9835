/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The options and the words that say which sockets are wanted, for every command that has a filter.
 */
#ifndef TCPFLUX_FILTERING_H
#define TCPFLUX_FILTERING_H

#include "../filter/filter.h"
#include "../support/netns.h"
#include "../support/options.h"

/* Rows of an option table. at: the offset of a struct filter in the caller's struct. */
/* clang-format off */
#define FILTER_ROW(at, member) ((at) + offsetof(struct filter, member))
#define FILTER_ROWS(at) \
	{ "ipv4",	'4', NULL,	parse_flag,	FILTER_ROW(at, only_ipv4), "only IPv4, IPv4 on IPv6 sockets included" }, \
	{ "ipv6",	'6', NULL,	parse_flag,	FILTER_ROW(at, only_ipv6), "only IPv6" }, \
	{ "localport",	'L', "LIST",	parse_ports,	FILTER_ROW(at, lports), "only these local ports: 80,443,8000-8999" }, \
	{ "remoteport",	'D', "LIST",	parse_ports,	FILTER_ROW(at, rports), "only these remote ports" }, \
	{ "pid",	'p', "LIST",	parse_pids,	FILTER_ROW(at, pids), "only sockets of these processes: 812,4711" }, \
	{ "comm",	'c', "NAME",	parse_string,	FILTER_ROW(at, comm), "only sockets of programs of this name" }, \
	{ "netns",	'N', "NAME",	parse_netns,	FILTER_ROW(at, netns), "only one network namespace: a name of `ip netns`, an inode, self" }
/* clang-format on */

/*
 * Reads an expression; words, none of which is an option, are its parts. Returns 0, or says what is
 * wrong with it: -EINVAL, or -ENOMEM, for which the command line is not to blame.
 */
int filtering__read(struct filter *filter, enum expression_subject subject, char **words,
		    int count);

/* Do the options go together? From here on they filter. Returns as filtering__read(). */
int filtering__check(struct filter *filter);

/* Says which part of it the kernel decides, if any, and which is left. */
void filtering__say(const struct filter *filter);

/* What the rows' readers and the others have allocated. */
void filtering__free(struct filter *filter);

#endif
