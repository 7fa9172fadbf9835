// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The kernel: a stream of transitions, counters, and the sockets that were there before. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "../sources/live.h"
#include "../support/clock.h"
#include "../support/message.h"
#include "../support/privileges.h"
#include "counter.h"
#include "feed.h"
#include "filtering.h"

/* Once woken, wait so long and take all there is: at most 100 wake-ups a second. */
#define BATCH_NS (10 * NS_PER_MS)

struct live_feed {
	struct feed feed;
	const struct top_options *options;
	const struct feed_listener *listener;
	struct live *live;
	struct counter counter;
	struct utsname system;
};

/* After so many something else has its turn, keys above all: some ms of work. */
#define AT_ONCE 4096

static int drain(void *ctx)
{
	const struct live_feed *self = ctx;
	int err = live__drain(self->live, &self->listener->handler);

	if (err == LIVE_MORE)
		return LOOP_AGAIN;
	return !err || err == FEED_OVER ? err : message_errno(err, "tracing");
}

static int drain_all(void *ctx)
{
	int err;

	do
		err = drain(ctx);
	while (err == LOOP_AGAIN);
	return err;
}

/* The sockets that were there first, while all that happens to them is being told. */
static int find_sockets(struct live_feed *self)
{
	struct sockets_options options = {
		.verbose = self->options->verbose,
		.netns = self->options->filter.netns,
		.pace = drain_all,
		.ctx = self,
	};
	struct sockets_unseen unseen;
	struct sockets *sockets = NULL;
	int err = sockets__open(&options, &sockets);

	if (err)
		return err;
	err = sockets__walk(sockets, self->listener->socket, self->listener->handler.ctx, &unseen);
	sockets__free(sockets);
	return err ? message_errno(err, "listing sockets") : 0;
}

static void say_probes(const struct top_options *options, const struct probe *probe)
{
	for (; probe->name; probe++)
		if (options->verbose)
			message("probe %s: %s%s%s", probe->name, probe->status,
				*probe->how ? ", " : "", probe->how);
}

static int on_counted(void *ctx)
{
	struct live_feed *self = ctx;
	struct counts now;
	int err = counter__read(&self->counter, &now);

	return err ?: self->listener->counted(self->listener->handler.ctx, &now);
}

/*
 * Somebody waits for an answer to a key, and on a busy machine the scheduler may let this wait for
 * most of a second: long enough also to fill the ring (Linux 6.18, two CPUs, eight processes that
 * connect: 300 to 900 ms, about every tenth second). All that is done here takes a tenth of a CPU
 * then; sched_rt_runtime_us bounds it (sched(7)). Where this is refused, it waits like others.
 */
static void go_ahead_of_others(void)
{
	sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &(struct sched_param){ 1 });
}

static int start(struct feed *feed, struct loop *loop, const struct feed_listener *listener)
{
	struct live_feed *self = (struct live_feed *)feed;
	int err;

	self->listener = listener;
	err = live__start(self->live);
	if (err)
		return err;
	say_probes(self->options, live__probes(self->live));
	if (self->options->verbose)
		filtering__say(&self->options->filter);
	err = find_sockets(self);
	if (err)
		return err;
	go_ahead_of_others();
	err = loop__watch(loop, live__fd(self->live), BATCH_NS, drain, self);
	err = err ?: loop__watch(loop, self->counter.fd, 0, on_counted, self);
	if (err)
		return message_errno(err, "starting");
	err = privileges__drop();
	return err ? message_errno(err, "giving up capabilities") : 0;
}

static int count(struct feed *feed)
{
	return counter__ask(&((struct live_feed *)feed)->counter);
}

static uint64_t now(const struct feed *feed)
{
	(void)feed;
	return clock_ns(CLOCK_REALTIME);
}

/* What happens is counted all the same. */
static void set_paused(struct feed *feed, bool paused)
{
	(void)feed, (void)paused;
}

static const char *hostname(const struct feed *feed)
{
	return ((const struct live_feed *)feed)->system.nodename;
}

static void free_feed(struct feed *feed)
{
	struct live_feed *self = (struct live_feed *)feed;

	live__free(self->live);
	counter__end(&self->counter);
	free(self);
}

static const struct feed_ops ops = {
	.start = start,
	.count = count,
	.now = now,
	.pause = set_paused,
	.hostname = hostname,
	.free = free_feed,
};

int live_feed__open(const struct top_options *options, struct feed **result)
{
	const struct live_options live_options = {
		.buffer = options->buffer,
		.verbose = options->verbose,
		.raw = options->raw,
		.no_fentry = options->no_fentry,
		.filter = &options->filter,
		.most = AT_ONCE,
	};
	const struct counting_options counting_options = {
		.netns = options->filter.netns,
		.verbose = options->verbose,
	};
	struct live_feed *self = calloc(1, sizeof(*self));
	int err;

	*result = NULL;
	if (!self)
		return message_errno(-ENOMEM, "starting");
	self->feed.ops = &ops;
	self->options = options;
	uname(&self->system);
	*result = &self->feed;
	/* The counter first, so that it has nothing of the stream's. */
	err = counter__start(&self->counter, &counting_options);
	if (err)
		return err;
	return live__open(&live_options, &self->live);
}
