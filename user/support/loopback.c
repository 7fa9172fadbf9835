// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "loopback.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "privileges.h"

/* A firewall of the caller's namespace may drop what is sent. */
#define PATIENCE_SECONDS 3

/* What server and parent tell one another: 0, or why it can't go on. */
static int tell(int fd, int err)
{
	return send(fd, &err, sizeof(err), MSG_NOSIGNAL) == sizeof(err) ? err : -errno;
}

static int hear(int fd)
{
	int err;
	ssize_t n = TEMP_FAILURE_RETRY(recv(fd, &err, sizeof(err), 0));

	if (n < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	return n == sizeof(err) ? err : -ECHILD;
}

static int be_patient(int fd, int seconds)
{
	struct timeval time = { .tv_sec = seconds };

	return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time)) ||
			       setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time))
		       ? -errno
		       : 0;
}

static int take_loopback_up(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return -errno;
	err = ioctl(fd, SIOCSIFFLAGS, &lo) ? -errno : 0;
	close(fd);
	return err;
}

static int new_socket(uint64_t *cookie)
{
	socklen_t len = sizeof(*cookie);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return -errno;
	err = be_patient(fd, PATIENCE_SECONDS);
	if (!err && getsockopt(fd, SOL_SOCKET, SO_COOKIE, cookie, &len))
		err = -errno;
	if (!err)
		return fd;
	close(fd);
	return err;
}

/* Connects, sends a byte, closes. */
static int be_client(const struct sockaddr_in *address, struct loopback_story *story)
{
	int fd, err = 0;

	prctl(PR_SET_NAME, LOOPBACK_CLIENT);
	fd = new_socket(&story->connected);
	if (fd < 0)
		return fd;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) ||
	    send(fd, "", 1, MSG_NOSIGNAL) != 1)
		err = -errno;
	close(fd);
	return err;
}

/* Takes the connection, reads until the client has closed it, closes it. */
static int serve(int listener, struct loopback_story *story)
{
	socklen_t len = sizeof(story->accepted);
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC), err;
	ssize_t n;
	char byte;

	if (fd < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	err = be_patient(fd, PATIENCE_SECONDS);
	if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &story->accepted, &len))
		err = -errno;
	do
		n = recv(fd, &byte, 1, 0);
	while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		err = -errno;
	close(fd);
	return err;
}

static int serve_a_client(int listener, const struct sockaddr_in *address,
			  struct loopback_story *story)
{
	int status, err;
	pid_t client = fork();

	if (client < 0)
		return -errno;
	if (!client) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(-be_client(address, story));
	}
	story->client = client;
	err = serve(listener, story);
	if (err)
		kill(client, SIGKILL);
	if (TEMP_FAILURE_RETRY(waitpid(client, &status, 0)) < 0)
		return -errno;
	return err ?: WIFEXITED(status) ? -WEXITSTATUS(status) : -ECHILD;
}

static int talk(struct loopback_story *story)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(address);
	int listener = new_socket(&story->listener), err;

	if (listener < 0)
		return listener;
	if (bind(listener, (struct sockaddr *)&address, len) || listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&address, &len))
		err = -errno;
	else
		err = serve_a_client(listener, &address, story);
	close(listener);
	return err;
}

/* namespaces: flags of unshare(2). */
static int enter(int namespaces)
{
	if (!namespaces)
		return 0;
	return unshare(namespaces) ? -errno : take_loopback_up();
}

static _Noreturn void be_server(int fd, int namespaces, struct loopback_story *story)
{
	int err = enter(namespaces);

	prctl(PR_SET_NAME, LOOPBACK_SERVER);
	/* Behind enter(): who gets other capabilities loses it (commit_creds()). */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	err = tell(fd, err ?: privileges__drop()) ?: hear(fd);
	if (!err)
		tell(fd, talk(story));
	_exit(0);
}

static int start_server(struct loopback *loopback, int namespaces)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return -errno;
	loopback->pid = fork();
	if (loopback->pid < 0) {
		loopback->pid = 0;
		close(fds[0]);
		close(fds[1]);
		return -errno;
	}
	if (!loopback->pid) {
		close(fds[0]);
		be_server(fds[1], namespaces, loopback->story);
	}
	close(fds[1]);
	loopback->fd = fds[0];
	loopback->story->server = loopback->pid;
	/* Longer than the server's own patience, whose answer tells more. */
	return be_patient(loopback->fd, 3 * PATIENCE_SECONDS) ?: hear(loopback->fd);
}

static void end_server(struct loopback *loopback)
{
	if (!loopback->pid)
		return;
	kill(loopback->pid, SIGKILL);
	TEMP_FAILURE_RETRY(waitpid(loopback->pid, NULL, 0));
	close(loopback->fd);
	loopback->pid = 0;
}

int loopback__prepare(struct loopback *loopback)
{
	/* Who may not make a network namespace may in a user namespace of its own, mostly. */
	static const int namespaces[] = { CLONE_NEWNET, CLONE_NEWUSER | CLONE_NEWNET, 0 };
	int err = -EPERM;

	*loopback = (struct loopback){};
	loopback->story = mmap(NULL, sizeof(*loopback->story), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (loopback->story == MAP_FAILED) {
		loopback->story = NULL;
		return -errno;
	}
	for (unsigned int i = 0; err && i < sizeof(namespaces) / sizeof(namespaces[0]); i++) {
		end_server(loopback);
		err = start_server(loopback, namespaces[i]);
		loopback->own_namespace = namespaces[i] != 0;
	}
	return err;
}

int loopback__run(struct loopback *loopback)
{
	return tell(loopback->fd, 0) ?: hear(loopback->fd);
}

void loopback__end(struct loopback *loopback)
{
	end_server(loopback);
	if (loopback->story)
		munmap(loopback->story, sizeof(*loopback->story));
	loopback->story = NULL;
}
