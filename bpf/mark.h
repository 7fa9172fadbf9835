/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The table of marks.h, as large as both sides know it. */
#ifndef TCPFLUX_MARK_H
#define TCPFLUX_MARK_H

/* A bucket is a cache line. */
#define MARK_BUCKETS	512
#define MARKS_IN_BUCKET 8

#endif
