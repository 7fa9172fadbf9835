// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Preloaded under valgrind, of which versions before 3.21 don't know pidfd_open() and refuse it. A
 * descriptor that is readable when a child has ended can be made of SIGCHLD as well.
 */
#include "../preload.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>

static sigset_t child_ended;

__attribute__((constructor)) static void start(void)
{
	sigemptyset(&child_ended);
	sigaddset(&child_ended, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child_ended, NULL);
}

long syscall(long number, ...)
{
	va_list args;
	long result;

	va_start(args, number);
	result = number == SYS_pidfd_open ? signalfd(-1, &child_ended, SFD_CLOEXEC)
					  : preload__syscall(number, args);
	va_end(args);
	return result;
}
