/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For libraries that are preloaded (LD_PRELOAD) and stand between the program and libc. */
#ifndef TESTS_PRELOAD_H
#define TESTS_PRELOAD_H

#include <dlfcn.h>
#include <stdarg.h>
#include <unistd.h>

/* The function that would have been called without this library. */
#define REAL(function)                                                                             \
	({                                                                                         \
		static typeof(function) *real;                                                     \
		if (!real)                                                                         \
			real = (typeof(function) *)dlsym(RTLD_NEXT, #function);                    \
		real;                                                                              \
	})

/* syscall(), args being what stands behind the number: six at most. */
static inline long preload__syscall(long number, va_list args)
{
	long a[6];

	for (int i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	return REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

#endif
