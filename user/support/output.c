// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "output.h"

#include <errno.h>
#include <stdlib.h>

#include "message.h"
#include "writing.h"

#define BUFFER_SIZE (256u << 10)

struct output {
	struct writing to;
	int error;
	size_t used;
	char buf[BUFFER_SIZE];
};

struct output *output__new(int fd, int stop_fd)
{
	struct output *out = malloc(sizeof(*out));

	if (!out)
		return NULL;
	out->to = writing__to(fd, stop_fd);
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

bool output__say_failed(const struct output *out)
{
	if (!out->error || out->error == -EPIPE)
		return false;
	if (out->error == -ETIMEDOUT)
		message("standard output: its reader takes nothing");
	else
		message_errno(out->error, "standard output");
	return true;
}

void output__flush(struct output *out)
{
	if (!out->error)
		out->error = writing__all(&out->to, out->buf, out->used);
	out->used = 0;
}

const char *output__text(const struct output *out, size_t *size)
{
	*size = out->used;
	return out->buf;
}

void output__drop(struct output *out)
{
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
