// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* report: what logs tell. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../filter/sieve.h"
#include "../sinks/database.h"
#include "../sources/logfile.h"
#include "../support/loop.h"
#include "../support/message.h"
#include "../support/terminal.h"
#include "../support/writing.h"
#include "command.h"
#include "report_options.h"

struct reporter {
	const struct report_options *options;
	struct loop *loop; /* for signals: they end the reading, not the report */
	struct logfile *logfile;
	struct analysis analysis;
	struct database *database;
	int html; /* descriptor; -1: none */
};

static int on_transition(void *ctx, struct transition *tr)
{
	struct reporter *reporter = ctx;
	int err = analysis__transition(&reporter->analysis, tr);

	if (!err && reporter->database)
		err = database__transition(reporter->database, tr);
	return err;
}

static void on_loss(void *ctx, const struct loss *loss)
{
	struct reporter *reporter = ctx;

	analysis__loss(&reporter->analysis, loss);
}

/* What can go wrong before everything is read shall go wrong then. */
static int open_outputs(struct reporter *reporter)
{
	const struct report_options *options = reporter->options;
	int err = 0;

	if (options->sqlite)
		err = database__create(options->sqlite, options->force, &reporter->database);
	if (err || !options->html)
		return err;
	reporter->html = open(options->html, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	return reporter->html < 0 ? message_errno(-errno, options->html) : 0;
}

static int listen_to_signals(struct reporter *reporter)
{
	int err;

	reporter->loop = loop__new();
	err = reporter->loop ? loop__stop_on_signals(reporter->loop) : -errno;
	return err ? message_errno(err, "starting") : 0;
}

static int prepare(struct reporter *reporter)
{
	const struct report_options *options = reporter->options;
	struct logfile_options logfile_options = {
		.raw = options->raw,
		.stop_fd = loop__stop_fd(reporter->loop),
	};
	struct analysis_options analysis_options = {
		.thresholds = options->thresholds,
		.by_count = options->by.count,
	};
	int err = logfile__open(options->logs, options->log_count, &logfile_options,
				&reporter->logfile);

	err = err ?: open_outputs(reporter);
	if (err)
		return err;
	memcpy(analysis_options.by, options->by.key, sizeof(options->by.key));
	if (reporter->database) {
		analysis_options.ended = database__connection;
		analysis_options.ctx = reporter->database;
	}
	err = analysis__init(&reporter->analysis, &analysis_options);
	return err ? message_errno(err, "starting") : 0;
}

/* What is wrong with files, the database being one, has been said. */
static int say_why(int err)
{
	return err == -ENOMEM || err == -EOVERFLOW ? message_errno(err, "analysing") : err;
}

/* Reads all there is. */
static int analyse(struct reporter *reporter)
{
	struct transition_handler handler = { on_transition, on_loss, reporter };
	struct sieve sieve;
	struct transition_handler sieved;
	int err = sieve__init(&sieve, &reporter->options->filter);

	if (!err) {
		sieve__deliver_to(&sieve, &handler);
		sieved = sieve__handler(&sieve);
		err = logfile__read(reporter->logfile, &sieved);
	}
	sieve__free(&sieve);
	err = err ?: analysis__finish(&reporter->analysis);
	if (!err && reporter->database)
		err = database__finish(reporter->database, &reporter->analysis);
	return say_why(err);
}

/* The view is made in memory first: what it takes depends on --top, not on the logs. */
static int write_view(const struct reporter *reporter, report_view_fn *view,
		      const struct report *report, int fd)
{
	struct writing to = writing__to(fd, loop__stop_fd(reporter->loop));
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	int err = file ? 0 : -ENOMEM;

	if (file) {
		view(file, report);
		if (ferror(file))
			err = -ENOMEM;
		/* At last it is made smaller; if that fails, nothing is left, and nothing said. */
		if (fclose(file) || !text)
			err = -ENOMEM;
	}
	err = err ?: writing__all(&to, text, size);
	free(text);
	return err;
}

static int write_html(const struct reporter *reporter, const struct report *report)
{
	int err = write_view(reporter, report_html, report, reporter->html);

	/* It may have been longer before. */
	if (!err && ftruncate(reporter->html, lseek(reporter->html, 0, SEEK_CUR)) &&
	    errno != EINVAL)
		err = -errno;
	return err ? message_errno(err, reporter->options->html) : 0;
}

static int show(const struct reporter *reporter)
{
	const struct logfile_head *head = logfile__head(reporter->logfile);
	struct report report = {
		.analysis = &reporter->analysis,
		.version = head->version,
		.hostname = head->hostname,
		.kernel = head->kernel,
		.top = reporter->options->top,
		.utf8 = terminal__has_utf8(),
	};
	int err = report__conclude(&report);

	if (err) {
		say_why(err);
	} else {
		err = write_view(reporter, reporter->options->view, &report, STDOUT_FILENO);
		if (err == -EPIPE)
			err = 0;
		else if (err)
			message_errno(err, "standard output");
		if (reporter->html >= 0 && write_html(reporter, &report))
			err = -EIO;
	}
	report__free(&report);
	return err;
}

static int report(const struct report_options *options)
{
	struct reporter reporter = { .options = options, .html = -1 };
	int err = listen_to_signals(&reporter);

	err = err ?: prepare(&reporter);
	err = err ?: analyse(&reporter);
	err = err ?: show(&reporter);

	database__free(reporter.database);
	analysis__free(&reporter.analysis);
	if (reporter.html >= 0)
		close(reporter.html);
	logfile__free(reporter.logfile);
	loop__free(reporter.loop);
	/* It was told to end before it knew anything. */
	return err && err != -EINTR ? EXIT_FAILED : EXIT_DONE;
}

int report_command(int argc, char **argv)
{
	struct report_options options;
	int err = report_options__parse(&options, argc, argv), status = EXIT_DONE;

	if (err) {
		status = err == -ENOMEM ? EXIT_FAILED : EXIT_USAGE;
	} else if (options.help) {
		puts("Usage: tcpflux report [OPTION...] FILE... [EXPRESSION]\n"
		     "Says what the logs of `tcpflux record' tell; - is standard input. Of the\n"
		     "transitions for which the EXPRESSION holds, written as for ss: see "
		     "tcpflux(8).\n");
		options__help(report_option_rows, stdout);
	} else {
		status = report(&options);
	}
	report_options__free(&options);
	return status;
}
