// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "namespaces.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWN "/proc/self/ns/net"

struct search {
	namespace_fn *fn;
	void *ctx;
	uint32_t *seen; /* inode numbers of those that fn was called for */
	size_t count, size;
	unsigned int hidden;
};

static bool is_seen(const struct search *search, uint32_t inode)
{
	/* Neighbours in /proc are mostly in the same one: the latest first. */
	for (size_t i = search->count; i--;)
		if (search->seen[i] == inode)
			return true;
	return false;
}

static int add_seen(struct search *search, uint32_t inode)
{
	size_t size = search->size ? 2 * search->size : 64;
	uint32_t *seen;

	if (search->count == search->size) {
		seen = reallocarray(search->seen, size, sizeof(*seen));
		if (!seen)
			return -ENOMEM;
		search->seen = seen;
		search->size = size;
	}
	search->seen[search->count++] = inode;
	return 0;
}

/* Whatever it is that is open; the name that led to it may mean something else by now. */
static int visit_open(struct search *search, int fd)
{
	struct stat st;
	int err;

	if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET || fstat(fd, &st) ||
	    is_seen(search, st.st_ino))
		return 0;
	err = add_seen(search, st.st_ino);
	return err ?: search->fn(search->ctx, fd, st.st_ino);
}

/* 1: there is none; a process that has ended, or a mount that is gone or hidden by another one. */
static int visit(struct search *search, const char *path)
{
	struct stat st;
	int fd, err;

	/* Most are known: this spares opening them. */
	if (!stat(path, &st) && is_seen(search, st.st_ino))
		return 0;
	/* Whatever is mounted there must not make the open wait, as a FIFO would. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		search->hidden += errno == EACCES || errno == EPERM;
		return errno == EMFILE || errno == ENFILE || errno == ENOMEM ? -errno
									     : errno == ENOENT;
	}
	err = visit_open(search, fd);
	close(fd);
	return err;
}

typedef int task_fn(struct search *search, const char *task);

#define TASK_MAX 64 /* "/proc/PID/task/TID/ns/net" */

/* Processes or, of one of them, threads: none, if it has ended. */
static int each_task(struct search *search, const char *folder, task_fn *fn)
{
	DIR *tasks = opendir(folder);
	struct dirent *entry;
	char task[TASK_MAX];
	int err = 0;

	if (!tasks)
		return errno == ENOENT ? 0 : -errno;
	while (err >= 0 && (entry = readdir(tasks))) {
		if (*entry->d_name < '1' || *entry->d_name > '9')
			continue;
		snprintf(task, sizeof(task), "%.32s/%.10s", folder, entry->d_name);
		err = fn(search, task);
	}
	closedir(tasks);
	return err < 0 ? err : 0;
}

static int visit_task(struct search *search, const char *task)
{
	char path[TASK_MAX];

	snprintf(path, sizeof(path), "%.48s/ns/net", task);
	return visit(search, path);
}

/* Where a process's first thread has ended before the others, these tell. */
static int visit_process(struct search *search, const char *process)
{
	int err = visit_task(search, process);
	char threads[TASK_MAX];

	if (err <= 0)
		return err;
	snprintf(threads, sizeof(threads), "%.32s/task", process);
	return each_task(search, threads, visit_task);
}

/* Undoes mangle() of fs/seq_file.c in place: blanks and the like are written as \040. */
static void unescape(char *text)
{
	const char *from = text;
	char *to = text;

	while (*from) {
		if (*from == '\\' && strspn(from + 1, "01234567") >= 3) {
			*to++ = (from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0');
			from += 4;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
}

/* "36 35 0:4 net:[4026532281] /run/netns/blue rw shared:7 - nsfs nsfs rw" */
static int visit_mount(struct search *search, char *line)
{
	char *field[5], *rest = line;

	for (int i = 0; i < 5; i++)
		if (!(field[i] = strsep(&rest, " ")))
			return 0;
	if (strncmp(field[3], "net:[", 5))
		return 0;
	unescape(field[4]);
	return visit(search, field[4]);
}

static int visit_mounts(struct search *search)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	unsigned int hidden = search->hidden;
	char *line = NULL;
	size_t size = 0;
	int err = 0;

	if (!file)
		return -errno;
	while (err >= 0 && getline(&line, &size, file) >= 0)
		err = visit_mount(search, line);
	free(line);
	fclose(file);
	search->hidden = hidden; /* of processes */
	return err < 0 ? err : 0;
}

int namespaces__each(namespace_fn *fn, void *ctx, unsigned int *hidden)
{
	struct search search = { .fn = fn, .ctx = ctx };
	int err;

	err = visit(&search, OWN);
	err = err < 0 ? err : each_task(&search, "/proc", visit_process);
	err = err ?: visit_mounts(&search);
	*hidden = search.hidden;
	free(search.seen);
	return err;
}

int namespaces__home(uint32_t *inode)
{
	int fd = open(OWN, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st)) {
		int err = -errno;

		if (fd >= 0)
			close(fd);
		return err;
	}
	if (inode)
		*inode = st.st_ino;
	return fd;
}

int namespaces__enter(int fd)
{
	return setns(fd, CLONE_NEWNET) ? -errno : 0;
}
