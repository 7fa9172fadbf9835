/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What trace does with logs (-r). */
#ifndef TCPFLUX_REPLAYING_H
#define TCPFLUX_REPLAYING_H

#include "capture.h"

/* From the opening of the files to the summary. Returns the exit status. */
int replaying__run(const struct capture_options *options);

#endif
