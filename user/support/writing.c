// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "writing.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATIENCE_MS 3000 /* with a reader that takes nothing, once the program shall end */

struct writing writing__to(int fd, int stop_fd)
{
	struct stat st;
	bool regular = !fstat(fd, &st) && S_ISREG(st.st_mode);

	return (struct writing){ fd, stop_fd, regular };
}

/*
 * Waits until a little can be written without blocking. A write that blocks could not be ended:
 * signals are descriptors here and interrupt nothing. Returns 0 or a negative errno.
 */
static int wait_writable(const struct writing *to)
{
	struct pollfd fds[] = {
		{ .fd = to->fd, .events = POLLOUT },
		{ .fd = to->stop_fd, .events = POLLIN },
	};
	int n, timeout = -1;

	for (;;) {
		n = poll(fds, 2, timeout);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (!n)
			return -ETIMEDOUT;
		if (n > 0 && fds[0].revents)
			return 0; /* an error too is for write() to tell */
		if (n > 0) {
			timeout = PATIENCE_MS;
			fds[1].fd = -1;
		}
	}
}

/* A pipe that polls writable takes PIPE_BUF bytes at once (pipe(7)); a terminal some hundred. */
static ssize_t write_some(const struct writing *to, const char *p, size_t size)
{
	ssize_t n;
	int err;

	if (!to->regular) {
		err = wait_writable(to);
		if (err)
			return err;
		if (size > PIPE_BUF)
			size = PIPE_BUF;
	}
	n = write(to->fd, p, size);
	return n < 0 ? -errno : n;
}

int writing__all(const struct writing *to, const void *bytes, size_t size)
{
	const char *p = bytes;
	ssize_t n;

	while (size) {
		n = write_some(to, p, size);
		if (n >= 0) {
			p += n;
			size -= n;
		} else if (n != -EINTR && n != -EAGAIN) {
			return (int)n;
		}
	}
	return 0;
}
