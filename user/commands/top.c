// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* top: states and the busiest programs, ports and peers, on the whole terminal. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../support/clock.h"
#include "../support/message.h"
#include "../views/print.h"
#include "command.h"
#include "survey.h"

/* A log is played at most so much faster, or slower, than it was. */
#define SPEED_STEPS 12

struct top {
	const struct top_options *options;
	struct loop *loop;
	struct screen *screen; /* NULL: it has not been taken yet */
	struct feed *feed;
	struct survey survey;
	struct feed_listener listener;
	struct controls controls;
	struct ranking ranking;
	struct history history; /* that is shown */
	struct picture picture;
	int speed; /* powers of two; more than SPEED_STEPS: without a pause */
	bool ended;
	bool behind;	    /* what has been is told again */
	uint64_t forgotten; /* all until then was, ns since the epoch; 0: nothing */
	bool forget_again;
	char pace[64];
	char followed[2 * ROW_NAME_MAX];
	char filter[LINE_MAX_BYTES + 1];
};

static void write_pace(struct top *top)
{
	char span[PRINT_MAX];

	if (!top->controls.playing)
		snprintf(top->pace, sizeof(top->pace), "every %s",
			 span_text(span, top->options->interval_ns));
	else if (top->behind)
		snprintf(top->pace, sizeof(top->pace), "log, once more");
	else if (top->ended)
		snprintf(top->pace, sizeof(top->pace), "end of the log");
	else if (top->speed > SPEED_STEPS)
		snprintf(top->pace, sizeof(top->pace), "log, as fast as it can be");
	else
		snprintf(top->pace, sizeof(top->pace), "log, %s%dx", top->speed < 0 ? "1/" : "",
			 1 << (top->speed < 0 ? -top->speed : top->speed));
}

static int draw(struct top *top)
{
	if (!top->screen)
		return 0;
	write_pace(top);
	top->picture.tail = top->survey.tail;
	top->picture.said = screen__said(top->screen);
	picture__draw(&top->picture, top->screen);
	return 0;
}

/* The table as it is now, in the order that is wanted. */
static int rank(struct top *top)
{
	const struct controls *controls = &top->controls;
	int err = ranking__take(&top->ranking, &top->survey.tables.by[controls->by]);

	ranking__sort(&top->ranking, controls->rank, controls->reverse);
	return err ? message_errno(err, "analysing") : 0;
}

/* The listener's context is the survey's. */
static struct top *top_of(void *ctx)
{
	const struct sieve *sieve = ctx;

	return (struct top *)((char *)sieve->next->ctx - offsetof(struct top, survey));
}

static int on_counted(void *ctx, const struct counts *now)
{
	struct top *top = top_of(ctx);

	if (top->controls.paused)
		return 0;
	memcpy(top->picture.states, now->states, sizeof(now->states));
	return draw(top);
}

/* What is shown is as of now. */
static int take(struct top *top)
{
	uint64_t now = top->feed->ops->now(top->feed);
	int err = survey__look(&top->survey, now, &top->picture);

	if (err)
		return message_errno(err, "analysing");
	top->history = top->survey.history;
	top->picture.time = now;
	top->picture.lost = top->survey.analysis.totals.lost;
	err = rank(top);
	return err ?: top->feed->ops->count(top->feed);
}

/* Rates are taken also while nothing new is shown. */
static int tick(void *ctx)
{
	struct top *top = ctx;
	int err;

	if (!top->behind)
		survey__tick(&top->survey, top->feed->ops->now(top->feed));
	if (top->controls.paused && !top->behind)
		return 0;
	err = take(top);
	return err ?: draw(top);
}

static void on_end(void *ctx)
{
	struct top *top = top_of(ctx);

	top->ended = true;
	top->survey.look_at = 0;
}

static int on_told_again(void *ctx, bool all)
{
	struct top *top = top_of(ctx);
	uint64_t now = top->feed->ops->now(top->feed);
	int err;

	survey__tick(&top->survey, now);
	if (top->forget_again && now >= top->forgotten) {
		survey__forget(&top->survey);
		top->forget_again = false;
	}
	if (!all)
		return 0;
	top->behind = false;
	err = take(top);
	return err ?: draw(top);
}

/* What has been is wanted, too, not only what comes from now on; if it is still to be had. */
static int replay(struct top *top)
{
	const struct feed_ops *ops = top->feed->ops;
	int err;

	if (!ops->again || !ops->again(top->feed))
		return 0;
	top->behind = true;
	top->ended = false;
	top->forget_again = top->forgotten;
	top->picture.hostname = ops->hostname(top->feed);
	err = survey__begin_again(&top->survey);
	return err ? message_errno(err, "analysing") : 0;
}

static int filter(struct top *top)
{
	struct controls *controls = &top->controls;
	struct expression_error error;
	int err = survey__filter(&top->survey, controls->line.text, &error);

	if (err == -ENOMEM)
		return message_errno(err, "expression");
	if (err) {
		controls->problem = error.problem;
		controls->problem_at = error.at;
		return 0;
	}
	controls->typing = false;
	memcpy(top->filter, controls->line.text, sizeof(top->filter));
	return replay(top) ?: take(top);
}

static int follow(struct top *top)
{
	static const char *const what[TABLES] = { "program", "local port", "remote address",
						  "remote port", "network namespace" };
	struct controls *controls = &top->controls;
	const struct row_key *key;
	char name[ROW_NAME_MAX];
	int err;

	if (controls->selected >= top->ranking.count)
		return 0;
	key = &top->ranking.list[controls->selected].key;
	err = survey__follow(&top->survey, controls->by, key);
	if (err == -EINVAL) {
		controls->problem = "this row stands for many: there is nothing to follow";
		return 0;
	}
	if (err)
		return message_errno(err, "analysing");
	snprintf(top->followed, sizeof(top->followed), "%s %s", what[controls->by],
		 row_name(name, key, controls->by));
	controls->pane = PANE_TAIL;
	controls->back = 0;
	controls->pan = screen__width(top->screen) < TAIL_WIDTH ? TAIL_FRONT : 0;
	return replay(top);
}

static int set_speed(struct top *top, int speed)
{
	uint64_t thousandths;

	if (speed < -SPEED_STEPS)
		speed = -SPEED_STEPS;
	if (speed < 0)
		thousandths = (1000 >> -speed) ?: 1;
	else
		thousandths = speed > SPEED_STEPS ? 0 : 1000ull << speed;
	top->speed = speed > SPEED_STEPS ? SPEED_STEPS + 1 : speed;
	top->feed->ops->set_speed(top->feed, thousandths);
	return 0;
}

static int set_paused(struct top *top)
{
	top->feed->ops->pause(top->feed, top->controls.paused);
	return top->controls.paused ? 0 : take(top);
}

static int forget(struct top *top)
{
	survey__forget(&top->survey);
	top->forgotten = top->feed->ops->now(top->feed);
	return take(top);
}

static int show_table(struct top *top)
{
	if (top->controls.pane == PANE_TABLE)
		survey__unfollow(&top->survey);
	return rank(top);
}

static int grant(struct top *top, enum wish wish)
{
	switch (wish) {
	case WISH_NOTHING:
		return 0;
	case WISH_QUIT:
		return FEED_OVER;
	case WISH_FILTER:
		return filter(top);
	case WISH_TABLE:
		return show_table(top);
	case WISH_FOLLOW:
		return follow(top);
	case WISH_FORGET:
		return forget(top);
	case WISH_PAUSE:
		return set_paused(top);
	case WISH_FASTER:
		return set_speed(top, top->speed + 1);
	case WISH_SLOWER:
		return set_speed(top, top->speed - 1);
	case WISH_AS_IT_WAS:
		return set_speed(top, 0);
	case WISH_TO_THE_END:
		return set_speed(top, SPEED_STEPS + 1);
	}
	return 0;
}

static int on_keys(void *ctx)
{
	struct top *top = ctx;
	int key, err = 0;

	while (!err && (key = screen__key(top->screen)) > KEY__NONE) {
		if (!top->controls.typing)
			top->controls.problem = NULL;
		err = grant(top, controls__key(&top->controls, key));
	}
	if (!err && key < 0)
		err = FEED_OVER;
	/* Who looks at rows does not want them to run away. */
	if (top->survey.tail)
		tail__hold(top->survey.tail,
			   !top->behind && (top->controls.paused || top->controls.back));
	return err ?: draw(top);
}

static int on_resize(void *ctx)
{
	struct top *top = ctx;

	screen__resize(top->screen);
	return draw(top);
}

static int on_end_signal(void *ctx)
{
	(void)ctx;
	return FEED_OVER;
}

/* The terminal is the shell's until it says that this goes on, by SIGCONT. */
static int on_stop(void *ctx)
{
	const struct top *top = ctx;

	screen__leave(top->screen);
	kill(getpid(), SIGSTOP);
	return 0;
}

static int on_continue(void *ctx)
{
	struct top *top = ctx;

	screen__return(top->screen);
	return draw(top);
}

/* What else would end it at once, with the terminal as it is: ctrl-\, say, or a limit of time. */
static int end_on_signals(struct top *top)
{
	static const int signals[] = { SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGXCPU };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&set, signals[i]);
	return loop__on_signals(top->loop, &set, on_end_signal, top);
}

/* Those that end it are blocked from the beginning, so that curses' handlers get none of them. */
static int prepare(struct top *top)
{
	int err;

	top->loop = loop__new();
	if (!top->loop)
		return message_errno(-errno, "starting");
	err = loop__stop_on_signals(top->loop);
	err = err ?: end_on_signals(top);
	err = err ?: survey__init(&top->survey, top->options);
	return err ? message_errno(err, "starting") : 0;
}

static int open_feed(struct top *top)
{
	const struct top_options *options = top->options;

	return top->controls.playing ? log_feed__open(options, loop__stop_fd(top->loop), &top->feed)
				     : live_feed__open(options, &top->feed);
}

static int watch(struct top *top)
{
	struct loop *loop = top->loop;
	int err = loop__watch(loop, screen__fd(top->screen), 0, on_keys, top);

	err = err ?: loop__every(loop, top->options->interval_ns, tick, top);
	err = err ?: loop__on_signal(loop, SIGWINCH, on_resize, top);
	err = err ?: loop__on_signal(loop, SIGTSTP, on_stop, top);
	err = err ?: loop__on_signal(loop, SIGCONT, on_continue, top);
	if (top->options->duration_ns)
		err = err ?: loop__stop_after(loop, top->options->duration_ns);
	return err ? message_errno(err, "starting") : 0;
}

/* The terminal is taken last: until then, what goes wrong is said in the usual way. */
static int run(struct top *top)
{
	int err;

	top->picture.hostname = top->feed->ops->hostname(top->feed);
	top->listener = survey__listener(&top->survey);
	top->listener.counted = on_counted;
	top->listener.told_again = on_told_again;
	top->listener.ended = on_end;
	err = top->feed->ops->start(top->feed, top->loop, &top->listener);
	err = err ?: screen__open(&top->screen);
	err = err ?: watch(top);
	err = err ?: tick(top);
	return err ?: loop__run(top->loop);
}

static int show(const struct top_options *options)
{
	struct top top = { .options = options };
	int err;

	controls__init(&top.controls, options->by, options->logs.count);
	top.picture = (struct picture){
		.controls = &top.controls,
		.pace = top.pace,
		.filter = top.filter,
		.history = &top.history,
		.ranking = &top.ranking,
		.followed = top.followed,
		.said = "",
	};
	err = prepare(&top) ?: open_feed(&top);
	err = err ?: run(&top);
	screen__close(top.screen);
	if (top.picture.lost && !options->quiet)
		message("%" PRIu64 " transitions lost", top.picture.lost);
	ranking__free(&top.ranking);
	if (top.feed)
		top.feed->ops->free(top.feed);
	survey__free(&top.survey);
	loop__free(top.loop);
	return err && err != FEED_OVER ? EXIT_FAILED : EXIT_DONE;
}

int top_command(int argc, char **argv)
{
	struct top_options options;
	int err = top_options__parse(&options, argc, argv), status = EXIT_DONE;

	if (err) {
		status = err == -ENOMEM ? EXIT_FAILED : EXIT_USAGE;
	} else if (options.help) {
		puts("Usage: tcpflux top [OPTION...] [EXPRESSION]\n"
		     "       tcpflux top -r FILE... [OPTION...] [EXPRESSION]\n"
		     "Shows on the whole terminal how many sockets are in each state, what comes "
		     "and\n"
		     "goes, and the busiest programs, ports and peers; `?' lists the keys. Of the\n"
		     "transitions for which the EXPRESSION holds, written as for ss: see "
		     "tcpflux(8).\n");
		options__help(top_option_rows, stdout);
	} else if (!isatty(STDOUT_FILENO)) {
		message("top: standard output is no terminal; see stat, trace and report");
		status = EXIT_FAILED;
	} else {
		status = show(&options);
	}
	top_options__free(&options);
	return status;
}
