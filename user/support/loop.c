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
#include "message.h"

/* A source of events. With a delay it is asked for once, then its timer takes its place. */
struct watch {
	int fd;
	bool owned; /* made by the loop, which reads away what makes it readable */
	int timer;  /* -1: no delay */
	uint64_t delay_ns;
	loop_fn *fn;
	void *ctx;
};

#define WATCHES 10

/* What an event is about: a watch by its number, or its timer, or the end. */
#define TIMER (1u << 8)
#define STOP  (1u << 9)

struct loop {
	int epoll;
	int stops; /* an epoll within the epoll: whatever ends the loop */
	int signals;
	int timer;
	unsigned int count;
	struct watch watches[WATCHES];
};

static int add(int epoll, int fd, uint32_t events, uint32_t about)
{
	struct epoll_event event = { .events = events, .data.u32 = about };

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int rearm(int epoll, int fd, uint32_t events, uint32_t about)
{
	struct epoll_event event = { .events = events, .data.u32 = about };

	return epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event) ? -errno : 0;
}

struct loop *loop__new(void)
{
	struct loop *loop = malloc(sizeof(*loop));

	if (!loop)
		return NULL;
	*loop = (struct loop){ .signals = -1, .timer = -1 };
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->stops = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll < 0 || loop->stops < 0 || add(loop->epoll, loop->stops, EPOLLIN, STOP)) {
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
	for (unsigned int i = 0; i < loop->count; i++) {
		close_if(loop->watches[i].timer);
		if (loop->watches[i].owned)
			close(loop->watches[i].fd);
	}
	close_if(loop->timer);
	close_if(loop->signals);
	close_if(loop->stops);
	close_if(loop->epoll);
	free(loop);
}

/* An owned descriptor is taken over, also where it fails. */
static int watch(struct loop *loop, const struct watch *what)
{
	uint32_t number = loop->count;
	struct watch *watch = &loop->watches[number];
	int err;

	if (number == WATCHES) {
		if (what->owned)
			close(what->fd);
		return -ENOSPC;
	}
	*watch = *what;
	watch->timer = -1;
	loop->count++;
	if (!watch->delay_ns)
		return add(loop->epoll, watch->fd, EPOLLIN, number);
	watch->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (watch->timer < 0)
		return -errno;
	err = add(loop->epoll, watch->timer, EPOLLIN, number | TIMER);
	return err ?: add(loop->epoll, watch->fd, EPOLLIN | EPOLLONESHOT, number);
}

int loop__watch(struct loop *loop, int fd, uint64_t delay_ns, loop_fn *fn, void *ctx)
{
	return watch(loop, &(struct watch){ fd, false, -1, delay_ns, fn, ctx });
}

int loop__every(struct loop *loop, uint64_t ns, loop_fn *fn, void *ctx)
{
	struct timespec time = { ns / NS_PER_S, ns % NS_PER_S };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd < 0)
		return -errno;
	if (timerfd_settime(fd, 0, &(struct itimerspec){ time, time }, NULL)) {
		close(fd);
		return -errno;
	}
	return watch(loop, &(struct watch){ fd, true, -1, 0, fn, ctx });
}

/* Blocked, and thereby never ignored either, as a shell's background jobs would have it. */
static int open_signals(const sigset_t *set)
{
	int fd;

	if (sigprocmask(SIG_BLOCK, set, NULL))
		return -errno;
	fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

int loop__on_signals(struct loop *loop, const sigset_t *signals, loop_fn *fn, void *ctx)
{
	int fd = open_signals(signals);

	return fd < 0 ? fd : watch(loop, &(struct watch){ fd, true, -1, 0, fn, ctx });
}

int loop__on_signal(struct loop *loop, int signal, loop_fn *fn, void *ctx)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	return loop__on_signals(loop, &set, fn, ctx);
}

int loop__stop_on(struct loop *loop, int fd)
{
	return add(loop->stops, fd, EPOLLIN, 0);
}

int loop__stop_on_hangup(struct loop *loop, int fd)
{
	int err = add(loop->stops, fd, 0, 0); /* EPOLLERR and EPOLLHUP need not be asked for */

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

int loop__stop_on_signals(struct loop *loop)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	loop->signals = open_signals(&set);
	return loop->signals < 0 ? loop->signals : loop__stop_on(loop, loop->signals);
}

int loop__stop_fd(const struct loop *loop)
{
	return loop->stops;
}

/* Of the loop itself; a function says its own. */
static int say(int err)
{
	return err ? message_errno(err, "waiting") : 0;
}

/* EPOLLONESHOT has disarmed the data; now its delay runs. */
static int start_delay(const struct watch *watch, uint64_t ns)
{
	struct itimerspec when = { .it_value = { ns / NS_PER_S, ns % NS_PER_S } };

	return timerfd_settime(watch->timer, 0, &when, NULL) ? say(-errno) : 0;
}

/* Signals come one by one; of a timer's expirations, all count as one. */
static int read_away(int fd)
{
	char bytes[sizeof(struct signalfd_siginfo)];

	return read(fd, bytes, sizeof(bytes)) < 0 ? -errno : 0;
}

/* 0 also where there was nothing after all. */
static int run_owned(int fd, const struct watch *watch)
{
	int err = read_away(fd);

	if (err)
		return err == -EAGAIN || err == -EINTR ? 0 : say(err);
	return watch->fn(watch->ctx);
}

static int end_delay(const struct loop *loop, uint32_t number)
{
	const struct watch *watch = &loop->watches[number];
	int err = run_owned(watch->timer, watch);

	if (err == LOOP_AGAIN)
		return start_delay(watch, 1);
	return err ?: say(rearm(loop->epoll, watch->fd, EPOLLIN | EPOLLONESHOT, number));
}

/* What has no delay is asked for as long as it is readable. */
static int on_event(const struct loop *loop, uint32_t about)
{
	uint32_t number = about & ~TIMER;
	const struct watch *watch = &loop->watches[number];

	if (about & TIMER)
		return end_delay(loop, number);
	if (watch->delay_ns)
		return start_delay(watch, watch->delay_ns);
	return watch->owned ? run_owned(watch->fd, watch) : watch->fn(watch->ctx);
}

int loop__run(struct loop *loop)
{
	struct epoll_event event;
	int n, err = 0;

	while (err >= 0) {
		n = epoll_wait(loop->epoll, &event, 1, -1);
		if (n < 0 && errno != EINTR)
			return say(-errno);
		if (n <= 0)
			continue;
		if (event.data.u32 == STOP)
			return 0;
		err = on_event(loop, event.data.u32);
	}
	return err;
}
