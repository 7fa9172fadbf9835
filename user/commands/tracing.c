// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tracing.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../log/log.h"
#include "../sources/live.h"
#include "../support/child.h"
#include "../support/clock.h"
#include "../support/loop.h"
#include "../support/message.h"
#include "../support/privileges.h"
#include "command.h"
#include "filtering.h"
#include "printing.h"
#include "progress.h"
#include "ticker.h"

/* Once woken, wait so long and take all there is: at most 100 wake-ups a second. */
#define BATCH_NS (10 * NS_PER_MS)

struct tracing {
	const struct capture_options *options;
	struct printing printing;
	struct loop *loop;
	struct live *live;
	struct log *log;      /* NULL: nothing is logged */
	struct ticker ticker; /* of --totals */
	struct progress progress;
	struct child child;
	struct utsname system;
	char boot_id[BOOT_ID_SIZE + 1];
	uint64_t started; /* CLOCK_BOOTTIME, ns */
};

static int drain(void *ctx)
{
	struct tracing *tracing = ctx;
	struct transition_handler handler = printing__handler(&tracing->printing);
	int err = live__drain(tracing->live, &handler);

	err = printing__say_why(&tracing->printing, err, "tracing");
	output__flush(tracing->printing.out);
	err = err ?: output__error(tracing->printing.out);
	if (tracing->log)
		err = err ?: log__error(tracing->log);
	return err;
}

/* Behind the rows of all that has happened so far. */
static int print_totals(void *ctx)
{
	struct tracing *tracing = ctx;
	int err = drain(tracing);

	if (err)
		return err;
	if (tracing->options->totals_ns)
		return ticker__tick(&tracing->ticker, tracing->printing.sink);
	printing__so_far(&tracing->printing, clock_ns(CLOCK_BOOTTIME) - tracing->started);
	return 0;
}

static int flush_log(void *ctx)
{
	const struct tracing *tracing = ctx;

	return log__flush(tracing->log);
}

static int reopen_log(void *ctx)
{
	const struct tracing *tracing = ctx;

	return log__reopen(tracing->log);
}

static int show_progress(void *ctx)
{
	struct tracing *tracing = ctx;
	const struct totals *totals = &tracing->printing.totals;
	struct log_progress log = log__progress(tracing->log);

	progress__show(&tracing->progress, totals->transitions, log.bytes, totals->lost + log.lost);
	return 0;
}

/* Everything that needs no kernel. */
static int prepare(struct tracing *tracing)
{
	int err;

	tracing->loop = loop__new();
	if (!tracing->loop)
		return message_errno(-errno, "starting");
	err = loop__stop_on_signals(tracing->loop);
	err = err ?: loop__on_signal(tracing->loop, SIGUSR1, print_totals, tracing);
	if (err)
		return message_errno(err, "starting");
	return printing__begin(&tracing->printing, tracing->options, loop__stop_fd(tracing->loop));
}

/* The log last: where nothing can be traced none is made. */
static int open_all(struct tracing *tracing)
{
	const struct capture_options *options = tracing->options;
	const struct live_options live_options = {
		.buffer = options->buffer,
		.verbose = options->verbose,
		.raw = options->raw,
		.no_fentry = options->no_fentry,
		.filter = &options->filter,
	};
	const struct counting_options counting_options = {
		.netns = options->filter.netns,
		.verbose = options->verbose,
	};
	struct destination_options log_options = options->log;
	int err = prepare(tracing);

	err = err ?: live__open(&live_options, &tracing->live);
	if (options->totals_ns)
		err = err ?: ticker__open(&tracing->ticker, &counting_options);
	if (err || !log_options.path)
		return err;
	log_options.stop_fd = loop__stop_fd(tracing->loop);
	return log__open(&log_options, &tracing->log);
}

static void say_probes(const struct capture_options *options, const struct probe *probe)
{
	for (; probe->name; probe++)
		if (options->verbose || (!options->quiet && probe->lacking))
			message("probe %s: %s%s%s", probe->name, probe->status,
				*probe->how ? ", " : "", probe->how);
}

static void read_boot_id(char *id)
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	*id = '\0';
	if (file && fgets(id, BOOT_ID_SIZE + 1, file))
		id[strcspn(id, "\n")] = '\0';
	if (file)
		fclose(file);
}

static int begin_log(struct tracing *tracing, const struct sink_start *start)
{
	struct log_head head = {
		.version = start->version,
		.hostname = start->hostname,
		.kernel = start->kernel,
		.boot_id = tracing->boot_id,
		.time = start->time,
		.boot_time = start->time - clock_ns(CLOCK_BOOTTIME),
		.started = tracing->started,
		.probes = start->probes,
		.filter = tracing->options->filter,
		.raw = tracing->options->raw,
	};
	int err;

	read_boot_id(tracing->boot_id);
	err = live__log_to(tracing->live, tracing->log, &tracing->options->filter);
	if (err)
		return message_errno(err, "starting");
	return log__begin(tracing->log, &head);
}

/* The first line; and the log's beginning, which says the same. */
static int begin(struct tracing *tracing)
{
	struct sink_start start = {
		.time = clock_ns(CLOCK_REALTIME),
		.version = TCPFLUX_VERSION,
		.hostname = tracing->system.nodename,
		.kernel = tracing->system.release,
		.probes = live__probes(tracing->live),
	};
	struct printing *printing = &tracing->printing;
	int err;

	uname(&tracing->system);
	err = tracing->log ? begin_log(tracing, &start) : 0;
	printing->sink->ops->start(printing->sink, &start);
	output__flush(printing->out);
	return err ?: output__error(printing->out);
}

static int watch_log(struct tracing *tracing)
{
	struct loop *loop = tracing->loop;
	int err;

	if (!tracing->log)
		return 0;
	err = loop__watch(loop, log__fd(tracing->log), 0, flush_log, tracing);
	err = err ?: loop__on_signal(loop, SIGHUP, reopen_log, tracing);
	if (tracing->options->log_only && progress__is_wanted(tracing->options->quiet))
		err = err ?: loop__every(loop, NS_PER_S, show_progress, tracing);
	return err;
}

static int start_program(struct tracing *tracing)
{
	char **program = tracing->options->program;
	const char *log = tracing->options->log.path;
	int err;

	/* In the midst of a log, what it says would be damage. */
	tracing->child.aside = log && !strcmp(log, "-");
	err = child__start(&tracing->child, program);

	if (err)
		return message_errno(err, program[0]);
	err = loop__stop_on(tracing->loop, tracing->child.fd);
	return err ? message_errno(err, "starting") : 0;
}

static int watch(struct tracing *tracing)
{
	const struct capture_options *options = tracing->options;
	struct loop *loop = tracing->loop;
	int err = watch_log(tracing);

	if (options->duration_ns)
		err = err ?: loop__stop_after(loop, options->duration_ns);
	if (options->totals_ns)
		err = err ?: loop__every(loop, options->totals_ns, print_totals, tracing);
	err = err ?: loop__stop_on_hangup(loop, STDOUT_FILENO);
	err = err ?: loop__watch(loop, live__fd(tracing->live), BATCH_NS, drain, tracing);
	return err ? message_errno(err, "starting") : 0;
}

/* Starts tracing, then the program that is to be traced, then waits for their end. */
static int run(struct tracing *tracing)
{
	const struct capture_options *options = tracing->options;
	/* The census first: nobody reads meanwhile. */
	int err = options->totals_ns ? ticker__start(&tracing->ticker) : 0;

	err = err ?: live__start(tracing->live);
	if (err)
		return err;
	tracing->started = clock_ns(CLOCK_BOOTTIME);
	say_probes(options, live__probes(tracing->live));
	if (options->totals_ns)
		say_probes(options, counting__census_probe(tracing->ticker.counting));
	if (options->verbose)
		filtering__say(&options->filter);
	if (options->program)
		err = start_program(tracing);
	/*
	 * The reader comes every 10 ms and does little; that it would interrupt the traced
	 * programs for it costs them more than what it does. The ring can wait for a time slice.
	 */
	sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){});
	err = err ?: watch(tracing);
	if (err)
		return err;
	/* A census needs some. */
	err = options->totals_ns ? counting__drop_privileges() : privileges__drop();
	if (err)
		return message_errno(err, "giving up capabilities");
	err = begin(tracing);
	return err ?: loop__run(tracing->loop);
}

/* What could not be logged is lost to those who want the log alone. */
static bool end_log(struct tracing *tracing)
{
	struct loss loss = { .where = LOSS_LOG };

	if (!tracing->log)
		return true;
	log__flush(tracing->log);
	progress__end(&tracing->progress);
	loss.count = log__progress(tracing->log).lost;
	if (tracing->options->log_only)
		totals__add_loss(&tracing->printing.totals, &loss);
	return !log__has_failed(tracing->log);
}

static int end_totals(struct tracing *tracing, struct counts *now)
{
	int err = ticker__conclude(&tracing->ticker, now);

	if (err)
		return err;
	ticker__print(&tracing->ticker, tracing->printing.sink, now);
	tracing->printing.counts = now;
	return 0;
}

/* Ends what run() began, however it ended; `err` is its result. Returns the exit status. */
static int finish(struct tracing *tracing, int err)
{
	struct printing *printing = &tracing->printing;
	struct counts now;
	uint64_t until;
	bool logged;
	int status;

	live__stop(tracing->live);
	child__end(&tracing->child);
	if (!err)
		err = drain(tracing);
	if (tracing->options->totals_ns && (!err || err == ENOUGH))
		err = end_totals(tracing, &now);
	logged = end_log(tracing);
	until = live__until(tracing->live);
	status = printing__end(printing, err,
			       until > tracing->started ? until - tracing->started : 0);
	return logged ? status : EXIT_FAILED;
}

int tracing__run(const struct capture_options *options)
{
	struct tracing tracing = { .options = options };
	int err = open_all(&tracing), status = EXIT_FAILED;

	if (!err)
		status = finish(&tracing, run(&tracing));
	else if (err == -EINTR) /* while it waited for who reads the log */
		status = EXIT_DONE;
	ticker__close(&tracing.ticker);
	live__free(tracing.live);
	log__free(tracing.log);
	printing__free(&tracing.printing);
	loop__free(tracing.loop);
	return status;
}
