/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The head of a log file: where and when it was written, and by what. */
#ifndef TCPFLUX_LOG_HEAD_H
#define TCPFLUX_LOG_HEAD_H

#include <stddef.h>
#include <stdint.h>

#include "../filter/filter.h"
#include "../probe.h"

#define BOOT_ID_SIZE	36 /* as in /proc/sys/kernel/random/boot_id */
#define LOG_PROBES_MAX	32
#define LOG_HEAD_MAX	(2u << 20) /* a filter is as long as a command line can be */
#define LOG_HEAD_PREFIX 20	   /* magic, version, size of what follows, its checksum */

struct log_head {
	const char *version; /* of tcpflux */
	const char *hostname;
	const char *kernel;
	const char *boot_id;
	uint64_t time;		    /* when the capture started; ns since the epoch */
	uint64_t boot_time;	    /* the wall clock when CLOCK_BOOTTIME was 0 */
	uint64_t started;	    /* CLOCK_BOOTTIME, ns */
	uint64_t capture;	    /* the same in all files of a capture */
	uint64_t number;	    /* of the file in its capture, from 0 */
	const struct probe *probes; /* ends with a row without a name; only names and states */
	struct filter filter;	    /* what its reader gets of it; only the tree */
	bool raw;		    /* the same: no stand-ins, nothing inferred */
};

/* Writes it to `to`, of LOG_HEAD_MAX bytes; returns the size. What is too long is cut. */
size_t log_head__pack(const struct log_head *head, uint8_t *to);

/*
 * What the prefix says: how many bytes follow it. 0, -EBADMSG: it is none, or damaged, -EPROTO: of
 * a newer version.
 */
int log_head__size(const uint8_t *prefix, size_t *size);

/* Reads it, prefix included. 0, -EBADMSG, -ENOMEM. The strings are log_head__free()'s. */
int log_head__unpack(struct log_head *head, const uint8_t *from, size_t size);
void log_head__free(struct log_head *head);

#endif
