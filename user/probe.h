/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef TCPFLUX_PROBE_H
#define TCPFLUX_PROBE_H

/* A way of looking into the kernel, and whether it is in use: "on", or why it is not. */
struct probe {
	const char *name;
	const char *status;
};

#endif
