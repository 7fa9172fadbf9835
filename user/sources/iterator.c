// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "iterator.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* The kernel has 8 pages of its own (bpf_seq_read()), and fills no more of ours at once. */
#define BUFFER_SIZE (32u << 10)

/* Hands on the whole records. Returns how many bytes are left, or a negative errno. */
static ssize_t take_records(const char *buf, size_t filled, size_t size, iterator_fn *fn, void *ctx)
{
	size_t done;
	int err;

	for (done = 0; filled - done >= size; done += size) {
		err = fn(ctx, buf + done, size);
		if (err)
			return err;
	}
	return filled - done;
}

static int read_records(int fd, size_t size, iterator_fn *fn, void *ctx)
{
	char buf[BUFFER_SIZE] __attribute__((aligned(8)));
	ssize_t n, left = 0;

	for (;;) {
		n = read(fd, buf + left, sizeof(buf) - left);
		/* -EAGAIN: after a million objects without output it takes a breath. */
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0)
			return n < 0 ? -errno : left ? -EBADMSG : 0;
		if (!fn)
			continue;
		n += left;
		left = take_records(buf, n, size, fn, ctx);
		if (left < 0)
			return left;
		memmove(buf, buf + n - left, left);
	}
}

int iterator__run(const struct bpf_link *link, size_t size, iterator_fn *fn, void *ctx)
{
	int fd = bpf_iter_create(bpf_link__fd(link)), err;

	if (fd < 0)
		return -errno;
	err = read_records(fd, size, fn, ctx);
	close(fd);
	return err;
}
