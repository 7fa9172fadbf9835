// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "sock_diag.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "socket.h"

#define BUFFER_SIZE (32u << 10)

/* For all sockets of a family in FIN_WAIT2, whole ones included. */
static int ask(int fd, int family, int protocol)
{
	struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 body;
	} request = {
		.head = { .nlmsg_len = sizeof(request),
			  .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.body = { .sdiag_family = family,
			  .sdiag_protocol = protocol,
			  .idiag_states = 1 << TCP_FIN_WAIT2 },
	};

	return send(fd, &request, sizeof(request), 0) < 0 ? -errno : 0;
}

/* What went wrong comes with the end (netlink_dump_done()): TCP may have no part in it. */
static int end(const struct nlmsghdr *head)
{
	const int *err = NLMSG_DATA(head);

	return head->nlmsg_len >= NLMSG_LENGTH(sizeof(*err)) && *err < 0 ? *err : 1;
}

/* Returns 0, 1 at the end, or a negative errno. */
static int take(const struct nlmsghdr *head, uint64_t *count)
{
	const struct inet_diag_msg *msg = NLMSG_DATA(head);
	const struct nlmsgerr *error = NLMSG_DATA(head);

	switch (head->nlmsg_type) {
	case NLMSG_DONE:
		return end(head);
	case NLMSG_ERROR:
		return error->error ?: -EBADMSG;
	case SOCK_DIAG_BY_FAMILY:
		*count += msg->idiag_timer == SOCKET_TIMER_TIMEWAIT;
	}
	return 0;
}

static int receive(int fd, uint64_t *count)
{
	char buf[BUFFER_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	int done = 0;
	ssize_t n;

	while (!done) {
		n = TEMP_FAILURE_RETRY(recv(fd, buf, sizeof(buf), 0));
		if (n <= 0)
			return n < 0 ? -errno : -EBADMSG;
		for (struct nlmsghdr *head = (void *)buf; !done && NLMSG_OK(head, (size_t)n);
		     head = NLMSG_NEXT(head, n))
			done = take(head, count);
	}
	return done < 0 ? done : 0;
}

int sock_diag__add_fin_wait2(int protocol, uint64_t *count)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG), err;

	if (fd < 0)
		return -errno;
	err = ask(fd, AF_INET, protocol) ?: receive(fd, count);
	err = err ?: ask(fd, AF_INET6, protocol) ?: receive(fd, count);
	close(fd);
	return err;
}
