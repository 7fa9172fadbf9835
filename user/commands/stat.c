// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* stat: how many sockets are in each state, a line an interval. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../support/child.h"
#include "../support/clock.h"
#include "../support/loop.h"
#include "../support/message.h"
#include "command.h"
#include "stat_options.h"
#include "ticker.h"

#define INTERVAL_DEFAULT NS_PER_S

/* COUNT is reached. */
#define ENOUGH (-ECANCELED)

struct stat {
	const struct stat_options *options;
	struct loop *loop;
	struct ticker ticker;
	struct output *out;
	struct sink *sink;
	struct child child;
};

static int on_tick(void *ctx)
{
	struct stat *stat = ctx;
	int err = ticker__tick(&stat->ticker, stat->sink);

	if (err)
		return err;
	return stat->ticker.rows == stat->options->count ? ENOUGH : output__error(stat->out);
}

/* Lines of the terminal; 0: it is none. */
static unsigned int screen(void)
{
	struct winsize size;

	return isatty(STDOUT_FILENO) && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) ? size.ws_row : 0;
}

/* Everything that needs no kernel. */
static int prepare(struct stat *stat)
{
	struct sink_options sink_options = { .screen = screen() };
	int err;

	stat->loop = loop__new();
	if (!stat->loop)
		return message_errno(-errno, "starting");
	err = loop__stop_on_signals(stat->loop);
	if (err)
		return message_errno(err, "starting");
	stat->out = output__new(STDOUT_FILENO, loop__stop_fd(stat->loop));
	if (stat->out)
		stat->sink = stat->options->format(stat->out, &sink_options);
	return stat->sink ? 0 : message_errno(-ENOMEM, "starting");
}

static void print_start(struct stat *stat)
{
	const struct probe *probes = counting__probes(stat->ticker.counting);
	struct utsname system;
	struct sink_start start = {
		.time = clock_ns(CLOCK_REALTIME),
		.version = TCPFLUX_VERSION,
		.hostname = system.nodename,
		.kernel = system.release,
		.probes = probes,
	};

	for (const struct probe *probe = probes; probe->name; probe++)
		if (stat->options->verbose || (!stat->options->quiet && probe->lacking))
			message("probe %s: %s", probe->name, probe->status);
	uname(&system);
	stat->sink->ops->start(stat->sink, &start);
	output__flush(stat->out);
}

/* A program without an interval is followed to its end, and one row says what it did. */
static int start_ticks(struct stat *stat)
{
	uint64_t interval = stat->options->interval_ns;

	if (!interval && stat->options->program)
		return 0;
	return loop__every(stat->loop, interval ?: INTERVAL_DEFAULT, on_tick, stat);
}

static int start_program(struct stat *stat)
{
	char **program = stat->options->program;
	int err = program ? child__start(&stat->child, program) : 0;

	if (err)
		return message_errno(err, program[0]);
	err = program ? loop__stop_on(stat->loop, stat->child.fd) : 0;
	return err ? message_errno(err, "starting") : 0;
}

/* Starts counting, then the program that is to be watched, then waits for their end. */
static int run(struct stat *stat)
{
	int err = ticker__start(&stat->ticker);

	if (err)
		return err;
	err = start_program(stat);
	if (err)
		return err;
	if (stat->options->duration_ns)
		err = loop__stop_after(stat->loop, stat->options->duration_ns);
	err = err ?: loop__stop_on_hangup(stat->loop, STDOUT_FILENO);
	if (err)
		return message_errno(err, "starting");
	err = counting__drop_privileges();
	if (err)
		return message_errno(err, "giving up capabilities");
	print_start(stat);
	err = start_ticks(stat);
	if (err)
		return message_errno(err, "starting");
	return output__error(stat->out) ?: loop__run(stat->loop);
}

static void print_summary(struct stat *stat, const struct counts *now)
{
	struct totals totals;
	struct sink_summary summary = {
		.totals = &totals,
		.duration_ns = now->at - stat->ticker.first.at,
		.counts = now,
	};

	counts__totals(now, &totals);
	sink__summary(stat->sink, &summary, stat->options->quiet);
}

static int conclude(struct stat *stat)
{
	struct counts now;
	int err = ticker__conclude(&stat->ticker, &now);

	if (err)
		return err;
	if (stat->options->program && !stat->options->interval_ns)
		ticker__print(&stat->ticker, stat->sink, &now);
	print_summary(stat, &now);
	stat->ticker.row = now;
	return 0;
}

/* Ends what run() began, however it ended; `err` is its result. Returns the exit status. */
static int finish(struct stat *stat, int err)
{
	int failed = err && err != ENOUGH && err != output__error(stat->out);

	if (!failed && err != -EPIPE)
		failed = conclude(stat) != 0;
	child__end(&stat->child);
	if (failed)
		return EXIT_FAILED;
	if (output__say_failed(stat->out))
		return EXIT_FAILED;
	return stat->options->fail_on_loss && stat->ticker.row.lost ? EXIT_LOSS : EXIT_DONE;
}

static int tick(const struct stat_options *options)
{
	struct counting_options counting_options = {
		.netns = options->netns,
		.verbose = options->verbose,
	};
	struct stat stat = { .options = options };
	int status = EXIT_FAILED;

	if (!prepare(&stat) && !ticker__open(&stat.ticker, &counting_options))
		status = finish(&stat, run(&stat));
	ticker__close(&stat.ticker);
	free(stat.sink);
	output__free(stat.out);
	loop__free(stat.loop);
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
