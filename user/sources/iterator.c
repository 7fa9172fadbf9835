// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "iterator.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

/*
 * The kernel has 8 pages of its own, and fills no more of ours at once; it goes on until it has as
 * much as is asked for (bpf_seq_read()).
 */
#define BUFFER_SIZE (32u << 10)
#define BATCH_SIZE  (16u << 10)

/* Hands on the whole records. Returns how many bytes are left, or a negative errno. */
static ssize_t take_records(const char *buf, size_t filled, const struct iteration *iteration)
{
	size_t done, size = iteration->size;
	int err;

	for (done = 0; filled - done >= size; done += size) {
		err = iteration->record(iteration->ctx, buf + done, size);
		if (err)
			return err;
	}
	return filled - done;
}

static int pace(const struct iteration *iteration)
{
	return iteration->pace ? iteration->pace(iteration->ctx) : 0;
}

static int read_records(int fd, const struct iteration *iteration)
{
	char buf[BUFFER_SIZE] __attribute__((aligned(8)));
	size_t batch = iteration->record ? BATCH_SIZE : 1;
	ssize_t n, left = 0;
	int err;

	for (;;) {
		err = pace(iteration);
		if (err)
			return err;
		n = read(fd, buf + left, batch);
		/* -EAGAIN: after a million objects without output it takes a breath. */
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0)
			return n < 0 ? -errno : left ? -EBADMSG : 0;
		if (!iteration->record)
			continue;
		n += left;
		left = take_records(buf, n, iteration);
		if (left < 0)
			return left;
		memmove(buf, buf + n - left, left);
	}
}

int iterator__run(const struct bpf_link *link, const struct iteration *iteration)
{
	int fd = bpf_iter_create(bpf_link__fd(link)), err;

	if (fd < 0)
		return -errno;
	err = read_records(fd, iteration);
	close(fd);
	return err;
}
