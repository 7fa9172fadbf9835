/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef TCPFLUX_CHART_H
#define TCPFLUX_CHART_H

#include <stdio.h>

#include "../analysis/churn.h"

/* How often `what` happened, a second, over time, as SVG with bars. Its class is "chart". */
void chart__print(FILE *to, const struct churn *churn, enum happening what, const char *title);

#endif
