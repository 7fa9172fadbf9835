// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "counter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/message.h"
#include "ticker.h"

struct answer {
	int err; /* the numbers could not be had */
	struct counts counts;
};

static ssize_t again(ssize_t (*call)(int fd, void *bytes, size_t size, int flags), int fd,
		     void *bytes, size_t size)
{
	ssize_t n;

	do
		n = call(fd, bytes, size, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n;
}

static ssize_t send_some(int fd, void *bytes, size_t size, int flags)
{
	return send(fd, bytes, size, flags);
}

static bool put(int fd, void *bytes, size_t size)
{
	return again(send_some, fd, bytes, size) == (ssize_t)size;
}

static bool get(int fd, void *bytes, size_t size)
{
	return again(recv, fd, bytes, size) == (ssize_t)size;
}

/* The terminal is somebody else's from now on, who says what goes wrong here. */
static void fall_silent(void)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	dup2(fd, STDERR_FILENO);
	close(fd);
}

/* Until nobody asks any more. The first answer says that it counts. */
static void answer(struct ticker *ticker, int fd)
{
	struct answer answer = { .counts = ticker->first };
	char question;

	while (put(fd, &answer, sizeof(answer)) && get(fd, &question, sizeof(question)))
		answer.err = ticker__read(ticker, &answer.counts);
}

static void serve(int fd, const struct counting_options *options)
{
	struct ticker ticker = {};
	int err = ticker__open(&ticker, options);

	err = err ?: ticker__start(&ticker);
	if (!err) {
		err = counting__drop_privileges();
		if (err)
			message_errno(err, "giving up capabilities");
	}
	if (!err) {
		if (options->verbose)
			message("probe census: %s",
				counting__census_probe(ticker.counting)->status);
		fall_silent();
		answer(&ticker, fd);
	}
	ticker__close(&ticker);
}

/* It ends when nobody is at the other end: also if this process was killed. */
static int start(struct counter *counter, const struct counting_options *options)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	counter->fd = ends[0];
	counter->pid = fork();
	if (!counter->pid) {
		close(ends[0]);
		serve(ends[1], options);
		_exit(0);
	}
	close(ends[1]);
	if (counter->pid > 0)
		return 0;
	counter->pid = 0;
	close(ends[0]);
	return -errno;
}

int counter__start(struct counter *counter, const struct counting_options *options)
{
	struct answer ready;
	int err;

	*counter = (struct counter){};
	err = start(counter, options);
	if (err)
		return message_errno(err, "starting");
	/* If it can't, it has said why. */
	return get(counter->fd, &ready, sizeof(ready)) ? 0 : -ECHILD;
}

static int say(int err)
{
	return message_errno(err, "counting the sockets");
}

int counter__ask(struct counter *counter)
{
	char question = '?';

	if (counter->asked)
		return 0;
	if (!put(counter->fd, &question, sizeof(question)))
		return say(-ECHILD);
	counter->asked = true;
	return 0;
}

int counter__read(struct counter *counter, struct counts *now)
{
	struct answer answer;

	counter->asked = false;
	if (!get(counter->fd, &answer, sizeof(answer)))
		return say(-ECHILD);
	*now = answer.counts;
	return answer.err ? say(answer.err) : 0;
}

void counter__end(struct counter *counter)
{
	if (!counter->pid)
		return;
	close(counter->fd);
	while (waitpid(counter->pid, NULL, 0) < 0 && errno == EINTR)
		;
	counter->pid = 0;
}
