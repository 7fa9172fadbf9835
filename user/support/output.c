// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "output.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "message.h"

#define BUFFER_SIZE (256u << 10)
#define PATIENCE_MS 3000 /* with a reader that takes nothing, once the program shall end */

struct output {
	int fd;
	int stop_fd;
	bool regular; /* a file: writing never waits for a reader */
	int error;
	size_t used;
	char buf[BUFFER_SIZE];
};

struct output *output__new(int fd, int stop_fd)
{
	struct output *out = malloc(sizeof(*out));
	struct stat st;

	if (!out)
		return NULL;
	out->fd = fd;
	out->stop_fd = stop_fd;
	out->regular = !fstat(fd, &st) && S_ISREG(st.st_mode);
	out->error = 0;
	out->used = 0;
	return out;
}

void output__free(struct output *out)
{
	free(out);
}

int output__error(const struct output *out)
{
	return out->error;
}

void output__say_failed(int err)
{
	if (err == -ETIMEDOUT)
		message("standard output: its reader takes nothing");
	else
		message_errno(err, "standard output");
}

/*
 * Waits until a little can be written without blocking. A write that blocks could not be ended:
 * signals are descriptors here and interrupt nothing. Returns 0 or a negative errno.
 */
static int wait_writable(const struct output *out)
{
	struct pollfd fds[] = {
		{ .fd = out->fd, .events = POLLOUT },
		{ .fd = out->stop_fd, .events = POLLIN },
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
static ssize_t write_some(const struct output *out, const char *p, size_t size)
{
	ssize_t n;
	int err;

	if (!out->regular) {
		err = wait_writable(out);
		if (err)
			return err;
		if (size > PIPE_BUF)
			size = PIPE_BUF;
	}
	n = write(out->fd, p, size);
	return n < 0 ? -errno : n;
}

void output__flush(struct output *out)
{
	size_t done = 0;
	ssize_t n;

	while (done < out->used && !out->error) {
		n = write_some(out, out->buf + done, out->used - done);
		if (n >= 0)
			done += n;
		else if (n != -EINTR && n != -EAGAIN)
			out->error = n;
	}
	out->used = 0;
}

char *output__reserve(struct output *out, size_t size)
{
	if (size > BUFFER_SIZE - out->used)
		output__flush(out);
	return out->buf + out->used;
}

void output__commit(struct output *out, const char *end)
{
	out->used = end - out->buf;
}
