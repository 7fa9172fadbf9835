// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* stat: how many sockets are in each state, a line an interval. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/timerfd.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../sources/counting.h"
#include "../support/child.h"
#include "../support/clock.h"
#include "../support/loop.h"
#include "../support/message.h"
#include "command.h"
#include "stat_options.h"

#define INTERVAL_DEFAULT NS_PER_S
#define CENSUS_EVERY	 (60 * NS_PER_S)

/* COUNT is reached. */
#define ENOUGH (-ECANCELED)

struct ticker {
	const struct stat_options *options;
	struct loop *loop;
	struct counting *counting;
	struct output *out;
	struct sink *sink;
	struct child child;
	int timer;
	uint64_t rows;
	uint64_t census_at;	  /* the next one; CLOCK_BOOTTIME, ns */
	struct counts first, row; /* when it began, and at the last row */
};

static void print_row(struct ticker *ticker, const struct counts *now)
{
	struct sink_totals totals = { .counts = now };

	counts__rates(&ticker->row, now, &totals.rates);
	ticker->sink->ops->totals(ticker->sink, &totals);
	output__flush(ticker->out);
	ticker->row = *now;
	ticker->rows++;
}

/* A transition that was lost leaves the numbers wrong until the next census: take it now. */
static int census_if_due(struct ticker *ticker, struct counts *now)
{
	uint64_t ended;
	int err;

	if (now->at < ticker->census_at && now->lost == ticker->row.lost &&
	    !counting__wants_census(ticker->counting))
		return 0;
	err = counting__census(ticker->counting);
	if (err)
		return message_errno(err, "counting the sockets");
	err = counting__read(ticker->counting, now);
	if (err)
		return message_errno(err, "reading the counters");
	ended = clock_ns(CLOCK_BOOTTIME);
	ticker->census_at = ended + CENSUS_EVERY;
	return 0;
}

static int read_counts(struct ticker *ticker, struct counts *now)
{
	int err = counting__read(ticker->counting, now);

	return err ? message_errno(err, "reading the counters") : census_if_due(ticker, now);
}

static int on_timer(void *ctx)
{
	struct ticker *ticker = ctx;
	struct counts now;
	uint64_t expirations;
	int err;

	if (read(ticker->timer, &expirations, sizeof(expirations)) < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	err = read_counts(ticker, &now);
	if (err)
		return err;
	print_row(ticker, &now);
	if (ticker->rows == ticker->options->count)
		return ENOUGH;
	return output__error(ticker->out);
}

/* Lines of the terminal; 0: it is none. */
static unsigned int screen(void)
{
	struct winsize size;

	return isatty(STDOUT_FILENO) && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) ? size.ws_row : 0;
}

/* Everything that needs no kernel. */
static int prepare(struct ticker *ticker)
{
	struct sink_options sink_options = { .screen = screen() };
	int err;

	ticker->loop = loop__new();
	if (!ticker->loop)
		return message_errno(-errno, "starting");
	err = loop__stop_on_signals(ticker->loop);
	if (err)
		return message_errno(err, "starting");
	ticker->out = output__new(STDOUT_FILENO, loop__stop_fd(ticker->loop));
	if (ticker->out)
		ticker->sink = ticker->options->format(ticker->out, &sink_options);
	return ticker->sink ? 0 : message_errno(-ENOMEM, "starting");
}

static void print_start(struct ticker *ticker)
{
	const struct probe *probes = counting__probes(ticker->counting);
	struct utsname system;
	struct sink_start start = {
		.time = clock_ns(CLOCK_REALTIME),
		.version = TCPFLUX_VERSION,
		.hostname = system.nodename,
		.kernel = system.release,
		.probes = probes,
	};

	for (const struct probe *probe = probes; probe->name; probe++)
		if (ticker->options->verbose || (!ticker->options->quiet && probe->lacking))
			message("probe %s: %s", probe->name, probe->status);
	uname(&system);
	ticker->sink->ops->start(ticker->sink, &start);
	output__flush(ticker->out);
}

/* A program without an interval is followed to its end, and one row says what it did. */
static int start_timer(struct ticker *ticker)
{
	uint64_t interval = ticker->options->interval_ns;
	struct itimerspec when;

	if (!interval && ticker->options->program)
		return 0;
	interval = interval ?: INTERVAL_DEFAULT;
	when = (struct itimerspec){
		.it_value = { interval / NS_PER_S, interval % NS_PER_S },
		.it_interval = { interval / NS_PER_S, interval % NS_PER_S },
	};
	ticker->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (ticker->timer < 0 || timerfd_settime(ticker->timer, 0, &when, NULL))
		return -errno;
	return loop__watch(ticker->loop, ticker->timer, 0, on_timer, ticker);
}

static int start_program(struct ticker *ticker)
{
	char **program = ticker->options->program;
	int err = program ? child__start(&ticker->child, program) : 0;

	if (err)
		return message_errno(err, program[0]);
	err = program ? loop__stop_on(ticker->loop, ticker->child.fd) : 0;
	return err ? message_errno(err, "starting") : 0;
}

/* Starts counting, then the program that is to be watched, then waits for their end. */
static int run(struct ticker *ticker)
{
	int err = counting__start(ticker->counting);

	if (err)
		return err;
	err = counting__read(ticker->counting, &ticker->first);
	if (err)
		return message_errno(err, "reading the counters");
	ticker->row = ticker->first;
	ticker->census_at = ticker->first.at + CENSUS_EVERY;
	err = start_program(ticker);
	if (err)
		return err;
	if (ticker->options->duration_ns)
		err = loop__stop_after(ticker->loop, ticker->options->duration_ns);
	err = err ?: loop__stop_on_hangup(ticker->loop, STDOUT_FILENO);
	if (err)
		return message_errno(err, "starting");
	err = counting__drop_privileges();
	if (err)
		return message_errno(err, "giving up capabilities");
	print_start(ticker);
	err = start_timer(ticker);
	if (err)
		return message_errno(err, "starting");
	return output__error(ticker->out) ?: loop__run(ticker->loop);
}

static void print_summary(struct ticker *ticker, const struct counts *now)
{
	struct totals totals;
	struct sink_summary summary = {
		.totals = &totals,
		.duration_ns = now->at - ticker->first.at,
		.counts = now,
	};

	counts__totals(now, &totals);
	sink__summary(ticker->sink, &summary, ticker->options->quiet);
}

/* The last census, which tells whether the numbers were right, and the end of counting. */
static int conclude(struct ticker *ticker)
{
	struct counts now;
	int err = counting__census(ticker->counting);

	if (err)
		return message_errno(err, "counting the sockets");
	counting__stop(ticker->counting);
	err = counting__read(ticker->counting, &now);
	if (err)
		return message_errno(err, "reading the counters");
	if (ticker->options->program && !ticker->options->interval_ns)
		print_row(ticker, &now);
	print_summary(ticker, &now);
	ticker->row = now;
	return 0;
}

/* Ends what run() began, however it ended; `err` is its result. Returns the exit status. */
static int finish(struct ticker *ticker, int err)
{
	int failed = err && err != ENOUGH && err != output__error(ticker->out);

	if (!failed && err != -EPIPE)
		failed = conclude(ticker) != 0;
	child__end(&ticker->child);
	if (failed)
		return EXIT_FAILED;
	if (output__say_failed(ticker->out))
		return EXIT_FAILED;
	return ticker->options->fail_on_loss && ticker->row.lost ? EXIT_LOSS : EXIT_DONE;
}

static int tick(const struct stat_options *options)
{
	struct counting_options counting_options = {
		.netns = options->netns,
		.verbose = options->verbose,
	};
	struct ticker ticker = { .options = options, .timer = -1 };
	int status = EXIT_FAILED;

	if (!prepare(&ticker) && !counting__open(&counting_options, &ticker.counting))
		status = finish(&ticker, run(&ticker));
	counting__free(ticker.counting);
	free(ticker.sink);
	output__free(ticker.out);
	loop__free(ticker.loop);
	if (ticker.timer >= 0)
		close(ticker.timer);
	return status;
}

int stat_command(int argc, char **argv)
{
	struct stat_options options;

	if (stat_options__parse(&options, argc, argv))
		return EXIT_USAGE;
	if (!options.help)
		return tick(&options);
	puts("Usage: tcpflux stat [OPTION...] [INTERVAL [COUNT]] [-- PROGRAM [ARG...]]\n"
	     "Prints how many TCP sockets are in each state, a line every INTERVAL (1s), COUNT\n"
	     "times or for ever; with a PROGRAM and no INTERVAL, one line at its end.\n");
	options__help(stat_option_rows, stdout);
	return EXIT_DONE;
}
