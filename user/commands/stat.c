// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* stat: how many sockets are in each state, a line an interval. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../sources/requirements.h"
#include "../sources/sockets.h"
#include "../support/child.h"
#include "../support/clock.h"
#include "../support/loop.h"
#include "../support/message.h"
#include "command.h"
#include "grouped.h"
#include "stat_options.h"
#include "ticker.h"

#define INTERVAL_DEFAULT NS_PER_S

/* COUNT is reached. */
#define ENOUGH (-ECANCELED)

struct stat {
	const struct stat_options *options;
	struct loop *loop;
	struct ticker ticker;
	struct grouped *grouped; /* if it looks at them all: in the ticker's place */
	uint64_t ticks;
	uint64_t lost;
	uint64_t started; /* CLOCK_BOOTTIME, ns */
	struct output *out;
	struct sink *sink;
	struct child child;
};

static int on_tick(void *ctx)
{
	struct stat *stat = ctx;
	int err = stat->options->looks ? grouped__tick(stat->grouped, stat->sink)
				       : ticker__tick(&stat->ticker, stat->sink);

	if (err)
		return err;
	return ++stat->ticks == stat->options->count ? ENOUGH : output__error(stat->out);
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
	static sink_new_fn *const sinks[FORMATS] = {
		[FORMAT_TEXT] = stat_text_sink__new,
		[FORMAT_JSON] = json_sink__new,
		[FORMAT_CSV] = stat_csv_sink__new,
	};
	struct sink_options sink_options = {
		.screen = screen(),
		.by = stat->options->by,
	};
	int err;

	stat->loop = loop__new();
	if (!stat->loop)
		return message_errno(-errno, "starting");
	err = loop__stop_on_signals(stat->loop);
	if (err)
		return message_errno(err, "starting");
	stat->out = output__new(STDOUT_FILENO, loop__stop_fd(stat->loop));
	if (stat->out)
		stat->sink = sinks[stat->options->format](stat->out, &sink_options);
	return stat->sink ? 0 : message_errno(-ENOMEM, "starting");
}

static void print_start(struct stat *stat)
{
	const struct probe *probes = stat->options->looks ? grouped__probes(stat->grouped)
							  : counting__probes(stat->ticker.counting);
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
	const struct stat_options *options = stat->options;
	int err = options->looks ? grouped__start(stat->grouped, stat->loop)
				 : ticker__start(&stat->ticker);

	if (err)
		return err;
	stat->started = clock_ns(CLOCK_BOOTTIME);
	err = start_program(stat);
	if (err)
		return err;
	if (options->duration_ns)
		err = loop__stop_after(stat->loop, options->duration_ns);
	err = err ?: loop__stop_on_hangup(stat->loop, STDOUT_FILENO);
	if (err)
		return message_errno(err, "starting");
	err = options->looks ? sockets__drop_privileges() : counting__drop_privileges();
	if (err)
		return message_errno(err, "giving up capabilities");
	print_start(stat);
	err = start_ticks(stat);
	if (err)
		return message_errno(err, "starting");
	return output__error(stat->out) ?: loop__run(stat->loop);
}

/* A program that was followed to its end has one row. */
static bool owes_row(const struct stat *stat)
{
	return stat->options->program && !stat->options->interval_ns;
}

static int conclude_ticker(struct stat *stat, struct counts *now, struct totals *totals)
{
	int err = ticker__conclude(&stat->ticker, now);

	if (err)
		return err;
	if (owes_row(stat))
		ticker__print(&stat->ticker, stat->sink, now);
	counts__totals(now, totals);
	return 0;
}

static int conclude_grouped(struct stat *stat, struct totals *totals)
{
	int err = owes_row(stat) ? grouped__tick(stat->grouped, stat->sink) : 0;

	return err ?: grouped__conclude(stat->grouped, totals);
}

static int conclude(struct stat *stat)
{
	struct totals totals;
	struct counts now;
	struct sink_summary summary = {
		.totals = &totals,
		.duration_ns = clock_ns(CLOCK_BOOTTIME) - stat->started,
		.counts = stat->options->looks ? NULL : &now,
	};
	int err = stat->options->looks ? conclude_grouped(stat, &totals)
				       : conclude_ticker(stat, &now, &totals);

	if (err)
		return err;
	sink__summary(stat->sink, &summary, stat->options->quiet);
	stat->lost = totals.lost;
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
	return stat->options->fail_on_loss && stat->lost ? EXIT_LOSS : EXIT_DONE;
}

static int open_source(struct stat *stat)
{
	const struct stat_options *options = stat->options;
	struct grouped_options grouped_options = {
		.by = options->by,
		.top = options->top,
		.netns = options->netns,
		.filter = &options->filter,
		.quiet = options->quiet,
		.verbose = options->verbose,
	};
	struct counting_options counting_options = {
		.netns = options->netns,
		.verbose = options->verbose,
	};

	if (!options->looks)
		return ticker__open(&stat->ticker, &counting_options);
	return requirements__check_netns(options->netns)
		       ?: grouped__open(&grouped_options, &stat->grouped);
}

static int tick(const struct stat_options *options)
{
	struct stat stat = { .options = options };
	int status = EXIT_FAILED;

	if (!prepare(&stat) && !open_source(&stat))
		status = finish(&stat, run(&stat));
	ticker__close(&stat.ticker);
	grouped__free(stat.grouped);
	free(stat.sink);
	output__free(stat.out);
	loop__free(stat.loop);
	return status;
}

int stat_command(int argc, char **argv)
{
	struct stat_options options;
	int err = stat_options__parse(&options, argc, argv), status = EXIT_DONE;

	if (err) {
		status = err == -ENOMEM ? EXIT_FAILED : EXIT_USAGE;
	} else if (options.help) {
		puts("Usage: tcpflux stat [OPTION...] [INTERVAL [COUNT]] [EXPRESSION]\n"
		     "                    [-- PROGRAM [ARG...]]\n"
		     "Prints how many TCP sockets are in each state, a line every INTERVAL (1s), "
		     "COUNT\n"
		     "times or for ever; with a PROGRAM and no INTERVAL, one line at its end. "
		     "Only\n"
		     "those for which the EXPRESSION holds, written as for ss: see tcpflux(8).\n");
		options__help(stat_option_rows, stdout);
	} else {
		status = tick(&options);
	}
	stat_options__free(&options);
	return status;
}
