// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "verbosity.h"

#include <bpf/libbpf.h>
#include <stdio.h>

static int print_warnings(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return level == LIBBPF_DEBUG ? 0 : vfprintf(stderr, fmt, args);
}

static int print_nothing(enum libbpf_print_level level, const char *fmt, va_list args)
{
	(void)level, (void)fmt, (void)args;
	return 0;
}

void verbosity__set(bool verbose)
{
	libbpf_set_print(verbose ? print_warnings : print_nothing);
}
