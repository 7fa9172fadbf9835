/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tracing, for the commands that print what they see, or log it, or both. */
#ifndef TCPFLUX_TRACING_H
#define TCPFLUX_TRACING_H

#include "capture.h"

/* From the loading of the programs to the summary. Returns the exit status. */
int tracing__run(const struct capture_options *options);

#endif
