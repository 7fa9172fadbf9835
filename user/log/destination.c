// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "destination.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/caller.h"
#include "../support/clock.h"
#include "../support/writing.h"
#include "names.h"

#define READER_MS 50 /* how often it is looked whether a FIFO has one */

struct destination {
	struct destination_options options;
	struct names *names;
	struct writing to; /* fd -1: not open */
	bool begun;	   /* there has been a file */
	uint64_t opened;   /* CLOCK_BOOTTIME, ns */
	uint64_t size;	   /* of the whole pieces in it, */
	uint64_t pieces;   /* and how many they are */
	uint64_t total;
};

static bool is_standard_output(const struct destination *d)
{
	return !strcmp(d->options.path, "-");
}

static bool rotates(const struct destination *d)
{
	return d->options.size || d->options.interval_ns;
}

struct destination *destination__new(const struct destination_options *options)
{
	struct destination *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->options = *options;
	d->to.fd = -1;
	d->names = names__new(options->path, options->size, options->interval_ns, options->keep);
	if (d->names)
		return d;
	free(d);
	return NULL;
}

static void close_file(struct destination *d)
{
	if (d->to.fd > STDERR_FILENO)
		close(d->to.fd);
	d->to.fd = -1;
	d->size = d->pieces = 0;
}

/* Is it the file that is open, under its name still? */
static bool is_in_place(const struct destination *d, const char *name)
{
	struct stat here, there;

	return !is_standard_output(d) && !fstat(d->to.fd, &here) && !stat(name, &there) &&
	       here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

static bool is_link(const char *name)
{
	struct stat st;

	return !lstat(name, &st) && S_ISLNK(st.st_mode);
}

void destination__free(struct destination *d)
{
	const char *name;

	if (!d)
		return;
	name = names__current(d->names);
	/* A file to which nothing was written is nobody's log, and in the way of the next. */
	if (d->to.fd >= 0 && d->to.regular && !d->total && is_in_place(d, name) && !is_link(name))
		caller__unlink(name);
	close_file(d);
	names__free(d->names);
	free(d);
}

/* A pipe or a device is there before, and can't be overwritten. */
static bool is_regular(const char *name)
{
	struct stat st;

	return lstat(name, &st) || S_ISREG(st.st_mode);
}

static bool is_fifo(const char *name)
{
	struct stat st;

	return !stat(name, &st) && S_ISFIFO(st.st_mode);
}

/* A FIFO waits for its reader; open(2) would do so as well, but then no signal could end it. */
static int open_stream(const struct destination *d, const char *name, int flags)
{
	struct pollfd stop = { .fd = d->options.stop_fd, .events = POLLIN };
	int fd;

	do
		fd = caller__open(name, O_WRONLY | O_NONBLOCK | flags);
	while (fd == -ENXIO && is_fifo(name) && !poll(&stop, 1, READER_MS));
	return fd == -ENXIO && stop.revents ? -EINTR : fd;
}

/* May what has the name be replaced? Whoever moved a file away may have made an empty one for it.
 */
static bool is_replaceable(const struct destination *d, const char *name)
{
	struct stat st;

	return d->options.force || rotates(d) || (d->begun && !lstat(name, &st) && !st.st_size);
}

/* It stays what it is, as /dev/stdout should; but the file behind it is as safe as any. */
static int open_link(const struct destination *d, const char *name)
{
	struct stat st;

	if (!stat(name, &st) && S_ISREG(st.st_mode) && st.st_size && !is_replaceable(d, name))
		return -EEXIST;
	return open_stream(d, name, O_TRUNC);
}

static int create(const struct destination *d, const char *name)
{
	int fd, err;

	if (is_link(name))
		return open_link(d, name);
	if (!is_regular(name))
		return open_stream(d, name, 0);
	fd = caller__open(name, O_WRONLY | O_CREAT | O_EXCL);
	if (fd != -EEXIST || !is_replaceable(d, name))
		return fd;
	/* Anew, and not from its beginning: somebody may be reading it. */
	err = caller__unlink(name);
	return err ?: caller__open(name, O_WRONLY | O_CREAT | O_EXCL);
}

static void take(struct destination *d, int fd)
{
	close_file(d);
	d->begun = true;
	d->to = writing__to(fd, d->options.stop_fd);
	d->opened = clock_ns(CLOCK_BOOTTIME);
}

/* Was it deleted, or emptied? What is written to it is lost then, or has no head. */
static bool is_lost(const struct destination *d)
{
	struct stat st;

	return d->to.regular && !fstat(d->to.fd, &st) &&
	       (!st.st_nlink || (uint64_t)st.st_size < d->size);
}

int destination__open(struct destination *d)
{
	int fd;

	if (d->to.fd >= 0 && is_lost(d))
		close_file(d);
	if (d->to.fd >= 0)
		return 0;
	if (is_standard_output(d)) {
		take(d, STDOUT_FILENO);
		return 0;
	}
	fd = create(d, names__current(d->names));
	if (fd < 0)
		return fd;
	take(d, fd);
	return 0;
}

int destination__next(struct destination *d)
{
	const char *outdated;

	close_file(d);
	outdated = names__next(d->names);
	if (outdated)
		caller__unlink(outdated);
	return destination__open(d);
}

int destination__reopen(struct destination *d)
{
	const char *name = names__current(d->names);

	if (d->to.fd < 0 || is_standard_output(d) || !d->to.regular || is_in_place(d, name))
		return 0;
	close_file(d);
	return destination__open(d);
}

int destination__write(struct destination *d, const void *piece, size_t size)
{
	int err = writing__all(&d->to, piece, size);

	/* What is there of it would be taken for damage. */
	if (err && d->to.regular &&
	    (ftruncate(d->to.fd, d->size) || lseek(d->to.fd, d->size, SEEK_SET) < 0))
		close_file(d);
	if (err)
		return err;
	d->size += size;
	d->pieces++;
	d->total += size;
	return 0;
}

bool destination__is_due(const struct destination *d, size_t size)
{
	const struct destination_options *options = &d->options;

	if (d->to.fd < 0 || !d->size)
		return false;
	/* The first one is a head: alone it would be of no use. */
	return (options->size && d->pieces > 1 && d->size + size > options->size) ||
	       (options->interval_ns &&
		clock_ns(CLOCK_BOOTTIME) - d->opened >= options->interval_ns);
}

const char *destination__name(const struct destination *d)
{
	return is_standard_output(d) ? "standard output" : names__current(d->names);
}

uint64_t destination__size(const struct destination *d)
{
	return d->size;
}

uint64_t destination__total(const struct destination *d)
{
	return d->total;
}
