// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "census.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "namespaces.h"

/* What is done in each namespace. */
struct visit {
	struct census *census;
	bool ask;    /* for the number of stand-ins, and walk only where there are some */
	int link;    /* -1: no walk */
	bool abroad; /* the last namespace was another one than home */
	uint64_t standins;
};

int census__open(struct census *census, uint32_t netns)
{
	*census = (struct census){ .netns = netns, .home = namespaces__home() };
	return census->home < 0 ? census->home : 0;
}

void census__close(struct census *census)
{
	if (census->home >= 0)
		close(census->home);
	census->home = -1;
}

/* A number in this namespace's line "TCP: inuse 5 orphan 0 tw 12 alloc 7 mem 1"; 0: not there. */
static uint64_t sockstat(const char *format)
{
	FILE *file = fopen("/proc/thread-self/net/sockstat", "re");
	unsigned long long number = 0;
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, format, &number) == 1)
			break;
	if (file)
		fclose(file);
	return number;
}

uint64_t census__allocated(void)
{
	return sockstat("TCP: inuse %*u orphan %*u tw %*u alloc %llu");
}

/* The iterator is about the namespace in which it is made. */
static int run(int link)
{
	int fd = bpf_iter_create(link), err;
	char buf[64];
	ssize_t n;

	if (fd < 0)
		return -errno;
	/* -EAGAIN: after a million objects without output bpf_seq_read() takes a breath. */
	do
		n = read(fd, buf, sizeof(buf));
	while (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)));
	err = n < 0 ? -errno : 0;
	close(fd);
	return err;
}

/* 0, or 1 if it can't be done. */
static int go_to(struct visit *visit, int fd, uint32_t inode)
{
	struct stat home;
	bool abroad = fstat(visit->census->home, &home) || home.st_ino != inode;
	int err;

	if (!abroad && !visit->abroad)
		return 0;
	err = namespaces__enter(fd);
	if (err)
		return 1;
	visit->abroad = abroad;
	return 0;
}

static int in_namespace(void *ctx, int fd, uint32_t inode)
{
	struct visit *visit = ctx;
	uint64_t standins;

	if (visit->census->netns && visit->census->netns != inode)
		return 0;
	if (go_to(visit, fd, inode)) {
		visit->census->unreachable++;
		return 0;
	}
	if (visit->ask) {
		standins = sockstat("TCP: inuse %*u orphan %*u tw %llu");
		visit->standins += standins;
		if (!standins)
			return 0;
	}
	return visit->link < 0 ? 0 : run(visit->link);
}

static int visit_all(struct visit *visit)
{
	unsigned int hidden = 0;
	int err, back = 0;

	visit->census->unreachable = 0;
	err = namespaces__each(in_namespace, visit, &hidden);
	visit->census->unreachable += hidden;
	if (visit->abroad)
		back = namespaces__enter(visit->census->home);
	return err ?: back;
}

int census__walk(struct census *census, int link)
{
	struct visit visit = { .census = census, .link = link };

	return visit_all(&visit);
}

int census__standins(struct census *census, int link, uint64_t *count)
{
	struct visit visit = { .census = census, .link = link, .ask = true };
	int err = visit_all(&visit);

	*count = visit.standins;
	return err;
}
