// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Logs, by the pace of their own times or another one. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "../analysis/totals.h"
#include "../sources/logfile.h"
#include "../support/clock.h"
#include "../support/message.h"
#include "feed.h"

/* A step is seldom longer than this, and so many items at once take less: keys want an answer. */
#define STEP_NS	 (50 * NS_PER_MS)
#define STEP_MAX 4096

struct log_feed {
	struct feed feed;
	const struct top_options *options;
	int stop_fd;
	const struct feed_listener *listener;
	struct transition_handler handler; /* counts, and hands on */
	struct logfile *logfile;
	struct totals totals;
	uint64_t position; /* in the log, ns since the epoch; 0: it has not begun */
	uint64_t stepped;  /* when it was there, CLOCK_MONOTONIC in ns */
	uint64_t speed;	   /* in thousandths; 0: without a pause */
	uint64_t again_to; /* what was there by then is told again; 0: all is new */
	bool to_the_end;   /* at whatever speed */
	bool paused, ended;
};

static int on_transition(void *ctx, struct transition *tr)
{
	struct log_feed *self = ctx;

	totals__add(&self->totals, tr);
	if (tr->time > self->position)
		self->position = tr->time;
	return self->listener->handler.transition(self->listener->handler.ctx, tr);
}

static void on_loss(void *ctx, const struct loss *loss)
{
	const struct log_feed *self = ctx;

	self->listener->handler.loss(self->listener->handler.ctx, loss);
}

static void end(struct log_feed *self)
{
	self->ended = true;
	self->listener->ended(self->listener->handler.ctx);
}

/* What is wrong with a log has been said; what could be read of it stays. */
static int play(struct log_feed *self, uint64_t until, uint64_t deadline)
{
	uint64_t next = 0;
	int there;

	do
		there = logfile__play(self->logfile, &self->handler, until, STEP_MAX, &next);
	while (there > 0 && next <= until && clock_ns(CLOCK_MONOTONIC) < deadline);
	if (there > 0 && next <= until)
		return 0; /* it can't be as fast as that */
	if (there > 0 && until != UINT64_MAX)
		self->position = until;
	if (!there || there == -EBADMSG)
		end(self);
	return there < 0 && there != -EBADMSG ? there : 0;
}

/* How far it should have come. The beginning is where the first transition is. */
static uint64_t target(const struct log_feed *self, uint64_t elapsed)
{
	if (!self->speed || self->to_the_end)
		return UINT64_MAX;
	return self->position + (uint64_t)((double)elapsed * (double)self->speed / 1000);
}

static int begin(struct log_feed *self)
{
	uint64_t next = 0;
	int there = logfile__play(self->logfile, &self->handler, 0, STEP_MAX, &next);

	if (!there)
		end(self);
	self->position = next;
	return there < 0 && there != -EBADMSG ? there : 0;
}

/* Where the next interval ends. The first one takes what is over, so that all others are whole. */
static uint64_t interval_end(const struct log_feed *self)
{
	uint64_t ns = self->options->interval_ns;
	uint64_t left = (self->again_to - self->position) / ns;

	return self->again_to - (left > 1 ? left - 1 : 0) * ns;
}

static int say_told(struct log_feed *self)
{
	bool all = self->ended || self->position >= self->again_to;

	if (all)
		self->again_to = 0;
	return self->listener->told_again(self->listener->handler.ctx, all);
}

/* By intervals, as they would have been if it had never been told before. */
static int tell_again(struct log_feed *self, uint64_t deadline)
{
	uint64_t until;
	int err = 0;

	if (!self->position)
		err = begin(self) ?: say_told(self);
	while (!err && self->again_to && clock_ns(CLOCK_MONOTONIC) < deadline) {
		until = interval_end(self);
		err = play(self, until, deadline);
		if (!err && (self->ended || self->position >= until))
			err = say_told(self);
	}
	return err;
}

static int step(void *ctx)
{
	struct log_feed *self = ctx;
	uint64_t now = clock_ns(CLOCK_MONOTONIC), elapsed = now - self->stepped;
	int err = 0;

	self->stepped = now;
	if (self->ended || (self->paused && !self->again_to))
		return 0;
	if (self->again_to)
		err = tell_again(self, now + STEP_NS);
	else if (!self->position)
		err = begin(self);
	else
		err = play(self, target(self, elapsed), now + STEP_NS);
	return !err || err == FEED_OVER ? err : message_errno(err, "reading");
}

static int start(struct feed *feed, struct loop *loop, const struct feed_listener *listener)
{
	struct log_feed *self = (struct log_feed *)feed;
	int err;

	self->listener = listener;
	self->handler = (struct transition_handler){ on_transition, on_loss, self };
	self->stepped = clock_ns(CLOCK_MONOTONIC);
	err = loop__every(loop, STEP_NS, step, self);
	return err ? message_errno(err, "starting") : step(self);
}

/* As far as the transitions tell: what was there before them is not known. */
static int count(struct feed *feed)
{
	const struct log_feed *self = (const struct log_feed *)feed;
	const struct totals *totals = &self->totals;
	struct counts now = {};

	for (unsigned int state = 1; state < STATE_COUNT; state++) {
		uint64_t entered = totals->entered[state], left = totals->left[state];

		now.states[state] = entered > left ? entered - left : 0;
	}
	/* As ss counts them. */
	now.states[TCP_SYN_RECV] += now.states[TCP_NEW_SYN_RECV];
	return self->listener->counted(self->listener->handler.ctx, &now);
}

static uint64_t now(const struct feed *feed)
{
	return ((const struct log_feed *)feed)->position;
}

static void set_paused(struct feed *feed, bool paused)
{
	struct log_feed *self = (struct log_feed *)feed;

	self->paused = paused;
	self->stepped = clock_ns(CLOCK_MONOTONIC);
}

/* What comes through a pipe is gone. */
static bool are_files(const struct file_list *logs)
{
	struct stat status;

	for (int i = 0; i < logs->count; i++)
		if (stat(logs->list[i], &status) || !S_ISREG(status.st_mode))
			return false;
	return true;
}

static int open_logs(const struct log_feed *self, struct logfile **logfile)
{
	const struct file_list *logs = &self->options->logs;
	const struct logfile_options options = {
		.raw = self->options->raw,
		.stop_fd = self->stop_fd,
	};

	return logfile__open(logs->list, logs->count, &options, logfile);
}

static bool again(struct feed *feed)
{
	struct log_feed *self = (struct log_feed *)feed;
	uint64_t to = self->again_to ?: self->position;
	struct logfile *logfile;

	if (!to || !are_files(&self->options->logs) || open_logs(self, &logfile))
		return false;
	logfile__free(self->logfile);
	self->logfile = logfile;
	self->totals = (struct totals){};
	self->to_the_end = self->to_the_end || self->ended;
	self->again_to = to;
	self->position = 0;
	self->ended = false;
	return true;
}

static void set_speed(struct feed *feed, uint64_t speed)
{
	((struct log_feed *)feed)->speed = speed;
}

static const char *hostname(const struct feed *feed)
{
	return logfile__head(((const struct log_feed *)feed)->logfile)->hostname;
}

static void free_feed(struct feed *feed)
{
	struct log_feed *self = (struct log_feed *)feed;

	logfile__free(self->logfile);
	free(self);
}

static const struct feed_ops ops = {
	.start = start,
	.count = count,
	.now = now,
	.pause = set_paused,
	.again = again,
	.set_speed = set_speed,
	.hostname = hostname,
	.free = free_feed,
};

int log_feed__open(const struct top_options *options, int stop_fd, struct feed **result)
{
	struct log_feed *self = calloc(1, sizeof(*self));

	*result = NULL;
	if (!self)
		return message_errno(-ENOMEM, "starting");
	*self = (struct log_feed){
		.feed.ops = &ops,
		.options = options,
		.stop_fd = stop_fd,
		.speed = 1000,
	};
	*result = &self->feed;
	return open_logs(self, &self->logfile);
}
