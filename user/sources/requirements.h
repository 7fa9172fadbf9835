/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef TCPFLUX_REQUIREMENTS_H
#define TCPFLUX_REQUIREMENTS_H

/* Can this kernel and this process trace at all? Returns 0, or says what is missing: -ENOTSUP
 * (the kernel) or -EPERM (capabilities). */
int requirements__check(void);

#endif
