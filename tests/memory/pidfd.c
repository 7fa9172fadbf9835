// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Preloaded under valgrind, of which versions before 3.21 don't know pidfd_open() and refuse it. A
 * descriptor that is readable when a child has ended can be made of SIGCHLD as well.
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

static sigset_t child_ended;

__attribute__((constructor)) static void start(void)
{
	sigemptyset(&child_ended);
	sigaddset(&child_ended, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child_ended, NULL);
}

long syscall(long number, ...)
{
	static typeof(syscall) *real;
	long a[6];
	va_list args;

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (number == SYS_pidfd_open)
		return signalfd(-1, &child_ended, SFD_CLOEXEC);
	if (!real)
		real = (typeof(syscall) *)dlsym(RTLD_NEXT, "syscall");
	return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
