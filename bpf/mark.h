/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The tables of marks.h, as large as both sides know them. */
#ifndef TCPFLUX_MARK_H
#define TCPFLUX_MARK_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

#define MARKS_BITS 10
#define MARKS	   (1 << MARKS_BITS)

/* Of the tables that all CPUs share, where they do. */
#define SHARED_TABLES_BITS 2
#define SHARED_TABLES	   (1 << SHARED_TABLES_BITS)

struct mark_table {
	__u64 marks[MARKS];
};

#endif
