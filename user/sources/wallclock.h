/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The kernel side tells time by CLOCK_BOOTTIME, people by the wall clock, which can be set. */
#ifndef TCPFLUX_WALLCLOCK_H
#define TCPFLUX_WALLCLOCK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * *boot_time: the wall clock when CLOCK_BOOTTIME was 0, ns; 0 at first. The step of a clock that
 * was set shows at once; that of one that is slewed, every millisecond. Returns whether it has
 * changed.
 */
bool wallclock__follow(uint64_t *boot_time);

#endif
