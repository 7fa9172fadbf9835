/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What can be known of kernel and privileges without tracing. For `check`. */
#ifndef TCPFLUX_FACTS_H
#define TCPFLUX_FACTS_H

#include <stdbool.h>

#include "../sources/requirements.h"
#include "verdicts.h"

/* The ring buffer that is tried, in bytes: as much as a trace takes, see capture.c. */
#define FACTS_BUFFER (16u << 20)

/* A line for each. Returns whether it makes sense to try to trace. */
bool facts__tell(struct verdicts *verdicts, const struct requirements *needs);

#endif
