// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* trace: prints every transition as it happens. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../filter/sieve.h"
#include "../sources/live.h"
#include "../support/child.h"
#include "../support/clock.h"
#include "../support/loop.h"
#include "../support/message.h"
#include "../support/privileges.h"
#include "../support/terminal.h"
#include "capture.h"
#include "command.h"
#include "ticker.h"

/* Once woken, wait so long and take all there is: at most 100 wake-ups a second. */
#define BATCH_NS (10 * NS_PER_MS)

/* -n is reached. */
#define ENOUGH (-ECANCELED)

struct trace {
	const struct capture_options *options;
	struct loop *loop;
	struct live *live;
	struct ticker ticker; /* of --totals */
	struct sieve sieve;
	struct output *out;
	struct sink *sink;
	struct child child;
	struct totals totals;
	uint64_t started; /* CLOCK_BOOTTIME, ns */
};

/* The last part of the way: number it, count it, print it. */
static int on_transition(void *ctx, struct transition *tr)
{
	struct trace *trace = ctx;

	totals__add(&trace->totals, tr);
	tr->seq = trace->totals.transitions;
	trace->sink->ops->transition(trace->sink, tr);
	if (tr->seq == trace->options->count)
		return ENOUGH;
	return output__error(trace->out);
}

static void on_loss(void *ctx, const struct loss *loss)
{
	struct trace *trace = ctx;

	totals__add_loss(&trace->totals, loss);
	trace->sink->ops->loss(trace->sink, loss);
}

static struct sink_summary summarise(struct trace *trace)
{
	return (struct sink_summary){
		.time = clock_ns(CLOCK_REALTIME),
		.totals = &trace->totals,
		.duration_ns = clock_ns(CLOCK_BOOTTIME) - trace->started,
	};
}

static int print_totals(void *ctx)
{
	struct trace *trace = ctx;
	struct sink_summary summary = summarise(trace);

	if (trace->options->totals_ns)
		return ticker__tick(&trace->ticker, trace->sink);
	sink__so_far(trace->sink, &summary);
	return 0;
}

static int drain(void *ctx)
{
	struct trace *trace = ctx;
	struct transition_handler wanted = { on_transition, on_loss, trace };
	struct transition_handler all = sieve__handler(&trace->sieve);
	int err;

	sieve__deliver_to(&trace->sieve, &wanted);
	err = live__drain(trace->live, &all);

	output__flush(trace->out);
	/* An error of the output is told, or not, at the end of all. */
	if (err && err != ENOUGH && err != output__error(trace->out))
		return message_errno(err, "tracing");
	return err ?: output__error(trace->out);
}

/* Everything that needs no kernel. */
static int prepare(struct trace *trace)
{
	struct sink_options sink_options = { .colour = terminal__wants_colour(STDOUT_FILENO) };
	int err;

	trace->loop = loop__new();
	if (!trace->loop)
		return message_errno(-errno, "starting");
	err = loop__stop_on_signals(trace->loop);
	err = err ?: loop__on_signal(trace->loop, SIGUSR1, print_totals, trace);
	if (err)
		return message_errno(err, "starting");
	err = sieve__init(&trace->sieve, &trace->options->filter);
	trace->out = output__new(STDOUT_FILENO, loop__stop_fd(trace->loop));
	if (trace->out)
		trace->sink = trace->options->format(trace->out, &sink_options);
	if (err || !trace->sink)
		return message_errno(-ENOMEM, "starting");
	return 0;
}

static void say_probes(const struct capture_options *options, const struct probe *probe)
{
	for (; probe->name; probe++)
		if (options->verbose || (!options->quiet && probe->lacking))
			message("probe %s: %s%s%s", probe->name, probe->status,
				*probe->how ? ", " : "", probe->how);
}

static void print_start(struct trace *trace)
{
	struct utsname system;
	struct sink_start start = {
		.time = clock_ns(CLOCK_REALTIME),
		.version = TCPFLUX_VERSION,
		.hostname = system.nodename,
		.kernel = system.release,
		.probes = live__probes(trace->live),
	};

	uname(&system);
	trace->sink->ops->start(trace->sink, &start);
}

/* Starts tracing, then the program that is to be traced, then waits for their end. */
static int run(struct trace *trace)
{
	const struct capture_options *options = trace->options;
	int err;

	/* The census first: nobody reads meanwhile. */
	err = options->totals_ns ? ticker__start(&trace->ticker) : 0;
	err = err ?: live__start(trace->live);
	if (err)
		return err;
	trace->started = clock_ns(CLOCK_BOOTTIME);
	say_probes(options, live__probes(trace->live));
	if (options->program) {
		err = child__start(&trace->child, options->program);
		if (err)
			return message_errno(err, options->program[0]);
		err = loop__stop_on(trace->loop, trace->child.fd);
	}
	if (options->duration_ns)
		err = err ?: loop__stop_after(trace->loop, options->duration_ns);
	/*
	 * The reader comes every 10 ms and does little; that it would interrupt the traced
	 * programs for it costs them more than what it does. The ring can wait for a time slice.
	 */
	sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){});
	err = err ?: loop__stop_on_hangup(trace->loop, STDOUT_FILENO);
	err = err ?: loop__watch(trace->loop, live__fd(trace->live), BATCH_NS, drain, trace);
	if (!err && options->totals_ns)
		err = loop__every(trace->loop, options->totals_ns, print_totals, trace);
	if (err)
		return message_errno(err, "starting");
	/* A census needs some. */
	err = options->totals_ns ? counting__drop_privileges() : privileges__drop();
	if (err)
		return message_errno(err, "giving up capabilities");
	print_start(trace);
	output__flush(trace->out);
	return output__error(trace->out) ?: loop__run(trace->loop);
}

static int print_summary(struct trace *trace)
{
	struct sink_summary summary = summarise(trace);
	struct counts now;
	int err;

	if (trace->options->totals_ns) {
		err = ticker__conclude(&trace->ticker, &now);
		if (err)
			return err;
		ticker__print(&trace->ticker, trace->sink, &now);
		summary.counts = &now;
	}
	sink__summary(trace->sink, &summary, trace->options->quiet);
	return 0;
}

/* Ends what run() began, however it ended; `err` is its result. Returns the exit status. */
static int finish(struct trace *trace, int err)
{
	live__stop(trace->live);
	child__end(&trace->child);
	if (!err)
		err = drain(trace);
	if (!err || err == ENOUGH || err == -EPIPE)
		err = print_summary(trace);
	if (err && err != output__error(trace->out))
		return EXIT_FAILED;
	if (output__say_failed(trace->out))
		return EXIT_FAILED;
	return trace->options->fail_on_loss && trace->totals.lost ? EXIT_LOSS : EXIT_DONE;
}

static int trace(const struct capture_options *options)
{
	struct live_options live_options = {
		.buffer = options->buffer,
		.verbose = options->verbose,
		.raw = options->raw,
		.no_fentry = options->no_fentry,
	};
	struct counting_options counting_options = {
		.netns = options->filter.netns,
		.verbose = options->verbose,
	};
	struct trace trace = { .options = options };
	int status = EXIT_FAILED;

	if (!prepare(&trace) && !live__open(&live_options, &trace.live) &&
	    !(options->totals_ns && ticker__open(&trace.ticker, &counting_options)))
		status = finish(&trace, run(&trace));
	ticker__close(&trace.ticker);
	live__free(trace.live);
	free(trace.sink);
	output__free(trace.out);
	sieve__free(&trace.sieve);
	loop__free(trace.loop);
	return status;
}

int trace_command(int argc, char **argv)
{
	struct capture_options options;
	int err = capture_options__parse(&options, argc, argv), status = EXIT_DONE;

	if (err) {
		status = err == -ENOMEM ? EXIT_FAILED : EXIT_USAGE;
	} else if (options.help) {
		puts("Usage: tcpflux [trace] [OPTION...] [EXPRESSION] [-- PROGRAM [ARG...]]\n"
		     "Prints every TCP state transition on this machine as it happens, or those\n"
		     "for which the EXPRESSION holds, written as for ss: see tcpflux(8).\n");
		options__help(capture_option_rows, stdout);
	} else {
		status = trace(&options);
	}
	capture_options__free(&options);
	return status;
}
