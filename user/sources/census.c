// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "census.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "namespaces.h"
#include "sock_diag.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

/* What is done in each namespace. */
struct visit {
	struct census *census;
	struct cookies *cookies; /* NULL: not wanted */
	bool ask;		 /* for the number of stand-ins */
	uint64_t *fin_wait2;	 /* of those; NULL: not wanted */
	int link;		 /* of the program for a walk, if nothing else is done */
	bool abroad;		 /* the last namespace was another one than home */
	uint64_t standins;
};

int census__open(struct census *census, uint32_t netns)
{
	*census = (struct census){ .netns = netns, .home = namespaces__home(NULL) };
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

int cookies__add(struct cookies *cookies, uint64_t cookie)
{
	size_t size = cookies->size ? 2 * cookies->size : 64;
	uint64_t *list;

	if (cookies->count == cookies->size) {
		list = reallocarray(cookies->list, size, sizeof(*list));
		if (!list)
			return -ENOMEM;
		cookies->list = list;
		cookies->size = size;
	}
	cookies->list[cookies->count++] = cookie;
	return 0;
}

bool cookies__contain(const struct cookies *cookies, uint64_t cookie)
{
	for (size_t i = 0; i < cookies->count; i++)
		if (cookies->list[i] == cookie)
			return true;
	return false;
}

/* A socket's namespace is that of its maker. */
static int add_cookie(struct cookies *cookies)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;
	socklen_t len = sizeof(uint64_t);
	uint64_t cookie = 0;

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len))
		err = -errno;
	if (fd >= 0)
		close(fd);
	return err ?: cookies__add(cookies, cookie);
}

static int in_namespace(void *ctx, int fd, uint32_t inode)
{
	struct visit *visit = ctx;
	uint64_t standins;

	visit->census->sum += inode * 0x9e3779b97f4a7c15u;
	if (visit->census->netns && visit->census->netns != inode)
		return 0;
	if (go_to(visit, fd, inode)) {
		visit->census->unreachable++;
		return 0;
	}
	if (visit->cookies)
		return add_cookie(visit->cookies);
	if (visit->ask) {
		standins = sockstat("TCP: inuse %*u orphan %*u tw %llu");
		visit->standins += standins;
		return standins && visit->fin_wait2
			       ? sock_diag__add_fin_wait2(IPPROTO_TCP, visit->fin_wait2)
			       : 0;
	}
	return run(visit->link);
}

static int visit_all(struct visit *visit)
{
	unsigned int hidden = 0;
	int err, back = 0;

	visit->census->unreachable = 0;
	visit->census->sum = 0;
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

int census__standins(struct census *census, uint64_t *all, uint64_t *fin_wait2)
{
	struct visit visit = { .census = census, .ask = true, .fin_wait2 = fin_wait2 };
	int err;

	if (fin_wait2)
		*fin_wait2 = 0;
	err = visit_all(&visit);
	*all = visit.standins;
	return err;
}

int census__cookies(struct census *census, struct cookies *cookies)
{
	struct visit visit = { .census = census, .cookies = cookies };

	return visit_all(&visit);
}
