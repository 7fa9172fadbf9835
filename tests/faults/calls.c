// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The calls that can fail, in place of libc's. */
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>

#define CALLER __builtin_return_address(0)

void *malloc(size_t size)
{
	return faults__no_memory(CALLER) ? NULL : REAL(malloc)(size);
}

void *calloc(size_t count, size_t size)
{
	return faults__no_memory(CALLER) ? NULL : REAL(calloc)(count, size);
}

void *realloc(void *old, size_t size)
{
	return faults__no_memory(CALLER) ? NULL : REAL(realloc)(old, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return faults__no_memory(CALLER) ? NULL : REAL(aligned_alloc)(alignment, size);
}

void *reallocarray(void *old, size_t count, size_t size)
{
	return faults__no_memory(CALLER) ? NULL : REAL(reallocarray)(old, count, size);
}

void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	if (faults__no_memory(CALLER))
		return MAP_FAILED;
	return REAL(mmap)(at, size, protection, flags, fd, offset);
}

/* Is it a perf event that joins a group? There are hundreds, and what one fails all fail. */
static bool joins_group(long number, va_list args)
{
	va_list copy;
	int leader;

	if (number != SYS_perf_event_open)
		return false;
	va_copy(copy, args);
	va_arg(copy, void *);
	va_arg(copy, int); /* process */
	va_arg(copy, int); /* CPU */
	leader = va_arg(copy, int);
	va_end(copy);
	return leader >= 0;
}

long syscall(long number, ...)
{
	long result = -1;
	va_list args;

	va_start(args, number);
	if (joins_group(number, args) || !faults__fails(number == SYS_bpf ? BPF : SETUP))
		result = preload__syscall(number, args);
	va_end(args);
	return result;
}

int open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = va_arg(args, mode_t);
	va_end(args);
	return faults__fails(SETUP) ? -1 : REAL(open)(path, flags, mode);
}

int epoll_create1(int flags)
{
	return faults__fails(SETUP) ? -1 : REAL(epoll_create1)(flags);
}

int epoll_ctl(int epoll, int what, int fd, struct epoll_event *event)
{
	return faults__fails(SETUP) ? -1 : REAL(epoll_ctl)(epoll, what, fd, event);
}

int timerfd_create(int clock, int flags)
{
	return faults__fails(SETUP) ? -1 : REAL(timerfd_create)(clock, flags);
}

int timerfd_settime(int fd, int flags, const struct itimerspec *when, struct itimerspec *old)
{
	return faults__fails(SETUP) ? -1 : REAL(timerfd_settime)(fd, flags, when, old);
}

int signalfd(int fd, const sigset_t *set, int flags)
{
	return faults__fails(SETUP) ? -1 : REAL(signalfd)(fd, set, flags);
}

int socket(int family, int type, int protocol)
{
	if (faults__fails(family == AF_NETLINK ? DIAG : SETUP))
		return -1;
	return REAL(socket)(family, type, protocol);
}

int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
		 const posix_spawnattr_t *attributes, char *const argv[], char *const envp[])
{
	faults__start_storm();
	if (faults__fails(SETUP))
		return errno;
	return REAL(posix_spawnp)(pid, file, actions, attributes, argv, envp);
}

ssize_t read(int fd, void *to, size_t size)
{
	return faults__fails(READ) || faults__interrupted() ? -1 : REAL(read)(fd, to, size);
}

ssize_t recv(int fd, void *to, size_t size, int flags)
{
	return faults__fails(DIAG) || faults__interrupted() ? -1 : REAL(recv)(fd, to, size, flags);
}

ssize_t send(int fd, const void *from, size_t size, int flags)
{
	return faults__fails(DIAG) ? -1 : REAL(send)(fd, from, size, flags);
}

ssize_t write(int fd, const void *from, size_t size)
{
	if (faults__fails(WRITE) || faults__interrupted())
		return -1;
	return REAL(write)(fd, from, faults__shortened(size));
}

int epoll_wait(int epoll, struct epoll_event *events, int max, int timeout)
{
	faults__start_storm();
	return faults__fails(WAIT) || faults__interrupted()
		       ? -1
		       : REAL(epoll_wait)(epoll, events, max, timeout);
}

int poll(struct pollfd *fds, nfds_t count, int timeout)
{
	return faults__fails(WAIT) || faults__interrupted() ? -1 : REAL(poll)(fds, count, timeout);
}

pid_t waitpid(pid_t pid, int *status, int options)
{
	bool waits = !(options & WNOHANG);

	return waits && faults__interrupted() ? -1 : REAL(waitpid)(pid, status, options);
}

int nanosleep(const struct timespec *time, struct timespec *rest)
{
	if (!faults__interrupted())
		return REAL(nanosleep)(time, rest);
	if (rest)
		*rest = *time;
	return -1;
}

int usleep(useconds_t us)
{
	return faults__interrupted() ? -1 : REAL(usleep)(us);
}
