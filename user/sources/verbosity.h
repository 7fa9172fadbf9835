/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef TCPFLUX_VERBOSITY_H
#define TCPFLUX_VERBOSITY_H

#include <stdbool.h>

/* Whether libbpf's warnings, the verifier's log among them, go to standard error, or nowhere. */
void verbosity__set(bool verbose);

#endif
