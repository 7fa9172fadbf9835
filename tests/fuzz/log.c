// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * For libFuzzer: logs that say anything. The first byte of the input chooses what the rest is: a
 * file, or the number of its items and the columns of one block, which compression would hide.
 * Checksums are not looked at in this build.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "log/decoder.h"
#include "sources/logfile.h"
#include "transition.h"

/* Reads every byte of what it gets. */
static int on_transition(void *ctx, struct transition *tr)
{
	volatile uint64_t *sum = ctx;
	const unsigned char *bytes = (const unsigned char *)tr;

	for (size_t i = 0; i < sizeof(*tr); i++)
		*sum = *sum + bytes[i];
	for (const char *p = tr->owner.cgroup; p && *p; p++)
		*sum = *sum + *p;
	return 0;
}

static void on_loss(void *ctx, const struct loss *loss)
{
	volatile uint64_t *sum = ctx;

	*sum = *sum + loss->count + loss->time;
}

static void read_file(const uint8_t *data, size_t size)
{
	uint64_t sum = 0;
	const struct transition_handler handler = { on_transition, on_loss, &sum };
	const struct logfile_options options = { .raw = size & 1 };
	int fd = memfd_create("log", MFD_CLOEXEC);
	struct logfile *logfile;
	char path[32];
	char *paths[] = { path };

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (write(fd, data, size) != (ssize_t)size)
		abort();
	if (!logfile__open(paths, 1, &options, &logfile)) {
		logfile__read(logfile, &handler);
		(void)logfile__span(logfile);
		logfile__free(logfile);
	}
	close(fd);
}

static void read_columns(const uint8_t *data, size_t size)
{
	struct decoder *decoder = decoder__new();
	volatile uint64_t sum = 0;
	struct item item;

	if (!decoder__begin(decoder, data + 1, size - 1, *data, size))
		while (decoder__next(decoder, &item) > 0)
			for (size_t i = 0; i < item.size && item.record; i++)
				sum = sum + ((const uint8_t *)item.record)[i];
	decoder__free(decoder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	if (*data == 'c')
		read_columns(data + 1, size - 1);
	else
		read_file(data + 1, size - 1);
	return 0;
}
