/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What states are called: by the kernel, by ss, by netstat, and in groups. */
#ifndef TCPFLUX_STATES_H
#define TCPFLUX_STATES_H

#include <stdint.h>

#include "../state.h"

/* Bit n: state n. */
#define STATE_BIT(state) (UINT32_C(1) << (state))
#define STATES_ALL	 (STATE_BIT(STATE_COUNT) - STATE_BIT(TCP_ESTABLISHED))

/*
 * The states that a word stands for, in whatever case, with or without - and _, with or without
 * TCP_; 0: none is called so. SYN_RECV is only this, see states__as_ss().
 */
uint32_t states__named(const char *name);

/* ss has half-open connections under SYN-RECV, too. */
uint32_t states__as_ss(uint32_t states);

#endif
