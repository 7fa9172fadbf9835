// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "clock.h"

/* A source of events. With a delay it is asked for once, then its timer takes its place. */
struct watch {
	int fd;
	int timer; /* -1: no delay */
	uint64_t delay_ns;
	loop_fn *fn;
	void *ctx;
};

/* What is called at once. */
struct also {
	int fd;
	bool owned; /* a timer or a signal, to be read */
	loop_fn *fn;
	void *ctx;
};

#define ALSO_MAX 4

struct loop {
	int epoll;
	int stops; /* an epoll within the epoll: whatever ends the loop */
	int signals;
	int timer;
	struct watch watch; /* of the data; there is one source */
	struct also also[ALSO_MAX];
	int also_count;
};

static int add(int epoll, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int rearm(int epoll, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event) ? -errno : 0;
}

struct loop *loop__new(void)
{
	struct loop *loop = malloc(sizeof(*loop));

	if (!loop)
		return NULL;
	*loop = (struct loop){ .signals = -1, .timer = -1, .watch = { .fd = -1, .timer = -1 } };
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->stops = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll < 0 || loop->stops < 0 || add(loop->epoll, loop->stops, EPOLLIN)) {
		loop__free(loop);
		return NULL;
	}
	return loop;
}

static void close_if(int fd)
{
	if (fd >= 0)
		close(fd);
}

void loop__free(struct loop *loop)
{
	if (!loop)
		return;
	for (int i = 0; i < loop->also_count; i++)
		if (loop->also[i].owned)
			close_if(loop->also[i].fd);
	close_if(loop->watch.timer);
	close_if(loop->timer);
	close_if(loop->signals);
	close_if(loop->stops);
	close_if(loop->epoll);
	free(loop);
}

int loop__watch(struct loop *loop, int fd, uint64_t delay_ns, loop_fn *fn, void *ctx)
{
	struct watch watch = { fd, -1, delay_ns, fn, ctx };
	int err;

	if (delay_ns) {
		watch.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
		if (watch.timer < 0)
			return -errno;
		loop->watch.timer = watch.timer;
		err = add(loop->epoll, watch.timer, EPOLLIN);
		if (err)
			return err;
	}
	loop->watch = watch;
	return add(loop->epoll, fd, EPOLLIN | (delay_ns ? EPOLLONESHOT : 0));
}

static int add_also(struct loop *loop, int fd, bool owned, loop_fn *fn, void *ctx)
{
	if (loop->also_count == ALSO_MAX)
		return -ENOSPC;
	loop->also[loop->also_count++] = (struct also){ fd, owned, fn, ctx };
	return add(loop->epoll, fd, EPOLLIN);
}

int loop__also(struct loop *loop, int fd, loop_fn *fn, void *ctx)
{
	return add_also(loop, fd, false, fn, ctx);
}

int loop__every(struct loop *loop, uint64_t ns, loop_fn *fn, void *ctx)
{
	struct timespec span = { ns / NS_PER_S, ns % NS_PER_S };
	struct itimerspec when = { span, span };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), err;

	if (fd < 0)
		return -errno;
	err = add_also(loop, fd, true, fn, ctx);
	return err ?: timerfd_settime(fd, 0, &when, NULL) ? -errno : 0;
}

int loop__on_signal(struct loop *loop, int number, loop_fn *fn, void *ctx)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, number);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : add_also(loop, fd, true, fn, ctx);
}

int loop__stop_on(struct loop *loop, int fd)
{
	return add(loop->stops, fd, EPOLLIN);
}

int loop__stop_on_hangup(struct loop *loop, int fd)
{
	int err = add(loop->stops, fd, 0); /* EPOLLERR and EPOLLHUP need not be asked for */

	return err == -EPERM ? 0 : err; /* a file: nobody can hang up */
}

int loop__stop_after(struct loop *loop, uint64_t ns)
{
	struct itimerspec when = { .it_value = { ns / NS_PER_S, ns % NS_PER_S } };

	loop->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (loop->timer < 0 || timerfd_settime(loop->timer, 0, &when, NULL))
		return -errno;
	return loop__stop_on(loop, loop->timer);
}

/* Blocked, and thereby never ignored either, as a shell's background jobs would have it. */
int loop__stop_on_signals(struct loop *loop)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	loop->signals = signalfd(-1, &set, SFD_CLOEXEC);
	return loop->signals < 0 ? -errno : loop__stop_on(loop, loop->signals);
}

int loop__stop_fd(const struct loop *loop)
{
	return loop->stops;
}

/* EPOLLONESHOT has disarmed the data; now its delay runs. */
static int start_delay(const struct watch *watch)
{
	struct itimerspec when = {
		.it_value = { watch->delay_ns / NS_PER_S, watch->delay_ns % NS_PER_S },
	};

	return timerfd_settime(watch->timer, 0, &when, NULL) ? -errno : 0;
}

static int end_delay(const struct loop *loop)
{
	const struct watch *watch = &loop->watch;
	uint64_t expirations;
	int err;

	if (read(watch->timer, &expirations, sizeof(expirations)) < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	err = watch->fn(watch->ctx);
	return err ?: rearm(loop->epoll, watch->fd, EPOLLIN | EPOLLONESHOT);
}

static int run_also(const struct loop *loop, int fd)
{
	struct signalfd_siginfo any; /* there is no larger one */

	for (int i = 0; i < loop->also_count; i++) {
		const struct also *also = &loop->also[i];

		if (also->fd != fd)
			continue;
		if (also->owned && read(fd, &any, sizeof(any)) < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		return also->fn(also->ctx);
	}
	return -ENOENT;
}

static int run_data(const struct loop *loop, int fd)
{
	const struct watch *watch = &loop->watch;

	if (fd == watch->timer)
		return end_delay(loop);
	return watch->delay_ns ? start_delay(watch) : watch->fn(watch->ctx);
}

int loop__run(struct loop *loop)
{
	struct epoll_event event;
	int n, err = 0;

	while (!err) {
		n = epoll_wait(loop->epoll, &event, 1, -1);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n <= 0)
			continue;
		if (event.data.fd == loop->stops)
			return 0;
		if (event.data.fd == loop->watch.fd || event.data.fd == loop->watch.timer)
			err = run_data(loop, event.data.fd);
		else
			err = run_also(loop, event.data.fd);
	}
	return err;
}
