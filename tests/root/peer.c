// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "peer.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"

#define PATIENCE_SECONDS 60

struct peer peer__start(const char *comm, void (*role)(const struct peer *parent, const void *arg),
			const void *arg)
{
	struct timeval patience = { suite__patience(PATIENCE_SECONDS), 0 };
	struct peer peer, parent;
	int fd[2];

	must(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd));
	must(!setsockopt(fd[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)));
	fflush(stdout);
	parent = (struct peer){ getpid(), fd[1] };
	peer = (struct peer){ fork(), fd[0] };
	must(peer.pid >= 0);
	if (!peer.pid) {
		suite__in_child();
		prctl(PR_SET_NAME, comm);
		close(fd[0]);
		role(&parent, arg);
		_exit(0);
	}
	close(fd[1]);
	suite__adopt(peer.pid);
	return peer;
}

void peer__tell(const struct peer *peer, uint64_t number)
{
	must(send(peer->fd, &number, sizeof(number), MSG_NOSIGNAL) == sizeof(number));
}

uint64_t peer__hear(const struct peer *peer)
{
	uint64_t number = 0;

	must(recv(peer->fd, &number, sizeof(number), 0) == sizeof(number));
	return number;
}

uint64_t peer__ask(const struct peer *peer, uint64_t number)
{
	peer__tell(peer, number);
	return peer__hear(peer);
}

void peer__end(const struct peer *peer)
{
	int status = suite__reap(peer->pid, PATIENCE_SECONDS);

	close(peer->fd);
	must(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
