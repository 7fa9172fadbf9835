// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "capture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/message.h"
#include "filtering.h"

#define BUFFER_DEFAULT (16u << 20)

/* There is room for every word of the command line. */
static const char *parse_log(const char *text, void *dest)
{
	struct file_list *logs = dest;

	if (!*text)
		return "expected a file";
	logs->list[logs->count++] = (char *)text;
	return NULL;
}

#define AT(member) offsetof(struct capture_options, member)

/* clang-format off */
#define CAPTURE_ROWS \
	{ "duration",	  'd', "TIME",	parse_duration, AT(duration_ns), "stop after so long: 500ms, 10s, 5m, 1h" }, \
	{ "count",	  'n', "N",	parse_count,	AT(count), "stop after so many transitions" }, \
	{ "buffer",	  'b', "SIZE",	parse_buffer,	AT(buffer), "the ring buffer, a power of two (16M)" }, \
	{ "raw",	  0,   NULL,	parse_flag,	AT(raw), "exactly what the tracepoint said, nothing inferred" }, \
	{ "no-fentry",	  0,   NULL,	parse_flag,	AT(no_fentry), "use no fentry programs, as on kernels that refuse them" }, \
	{ "quiet",	  'q', NULL,	parse_flag,	AT(quiet), "no notices and no summary" }, \
	{ "verbose",	  'v', NULL,	parse_flag,	AT(verbose), "say which probes are in use, and why others are not" }, \
	{ "fail-on-loss", 0,   NULL,	parse_flag,	AT(fail_on_loss), "exit with 3 if any transition was lost" }, \
	{ "help",	  'h', NULL,	parse_flag,	AT(help), "this text" }

#define LOG_ROWS(help) \
	{ "write",	  'w', "FILE",	parse_file,	AT(log.path), help }, \
	{ "file-size",	  'C', "SIZE",	parse_file_size, AT(log.size), "begin another log at so many million bytes, or 100K, 10M, 1G" }, \
	{ "file-time",	  'G', "TIME",	parse_duration,	AT(log.interval_ns), "begin another log after so long; FILE is for strftime(3)" }, \
	{ "file-count",	  'W', "N",	parse_file_count, AT(log.keep), "keep only so many logs" }, \
	{ "force",	  0,   NULL,	parse_flag,	AT(log.force), "overwrite a log that exists" }

const struct option_row trace_option_rows[] = {
	FILTER_ROWS(AT(filter)),
	{ "output",	  'o', "FORMAT", parse_format,	AT(format), "text (the default), json (one object a line) or csv" },
	{ "read",	  'r', "FILE",	parse_log,	AT(logs), "print what these logs have; - is standard input" },
	LOG_ROWS("write a log, too"),
	{ "totals",	  0,   "TIME",	parse_duration, AT(totals_ns), "also tell how many sockets are in each state, every so often" },
	CAPTURE_ROWS,
	{},
};

const struct option_row record_option_rows[] = {
	LOG_ROWS("the log; - is standard output"),
	FILTER_ROWS(AT(filter)),
	CAPTURE_ROWS,
	{},
};
/* clang-format on */

static int refuse(const char *what)
{
	message("%s", what);
	return -EINVAL;
}

static int check_log(const struct capture_options *options)
{
	const struct destination_options *log = &options->log;
	bool rotates = log->size || log->interval_ns;

	if (!log->path && (rotates || log->keep || log->force))
		return refuse("-C, -G, -W and --force are for a log, see -w");
	if (log->keep && !rotates)
		return refuse("-W needs -C or -G");
	if (!log->path || strcmp(log->path, "-"))
		return 0;
	if (rotates)
		return refuse("-C and -G need a file to write to");
	if (!options->log_only)
		return refuse("-w -: standard output has the rows; see record");
	if (isatty(STDOUT_FILENO))
		return refuse("-w -: standard output is a terminal");
	return 0;
}

static int check_reading(const struct capture_options *options)
{
	if (!options->logs.count)
		return 0;
	if (options->log.path)
		return refuse("-r and -w exclude each other");
	if (options->buffer)
		return refuse("-r and -b exclude each other");
	if (options->no_fentry)
		return refuse("-r and --no-fentry exclude each other");
	if (options->totals_ns)
		return refuse("-r and --totals exclude each other");
	if (options->program)
		return refuse("-r and a program exclude each other");
	return 0;
}

static int check(struct capture_options *options)
{
	int err = check_log(options);

	err = err ?: check_reading(options);
	if (!options->buffer)
		options->buffer = BUFFER_DEFAULT;
	return err ?: filtering__check(&options->filter);
}

/*
 * The words behind the options: an expression; if logs are read, more of them in front of it, with
 * options among them.
 */
static int parse_rest(const struct option_row *rows, struct options_rest *rest, char **end,
		      struct capture_options *options)
{
	int err = 0;

	while (rest->count && !err) {
		char *word = rest->args[0];

		if (!options->logs.count || expression__begins_with(word))
			return filtering__read(&options->filter, ABOUT_TRANSITIONS, rest->args,
					       rest->count);
		if (*word == '-' && word[1]) {
			/* In front of it is what options__parse() takes for a command's name. */
			err = options__parse(rows, (int)(end - rest->args) + 1, rest->args - 1,
					     options, rest);
			continue;
		}
		options->logs.list[options->logs.count++] = word;
		rest->args++;
		rest->count--;
	}
	return err;
}

static int parse(const struct option_row *rows, struct capture_options *options, int argc,
		 char **argv)
{
	struct options_rest rest;
	int err;

	options->logs.list = calloc(argc + 1, sizeof(*options->logs.list));
	if (!options->logs.list)
		return message_errno(-ENOMEM, "starting");
	err = options__parse(rows, argc, argv, options, &rest);
	err = err ?: parse_rest(rows, &rest, argv + argc, options);
	if (err)
		return err;
	if (rest.program && !*rest.program)
		return refuse("--: expected a program");
	options->program = rest.program;
	return check(options);
}

int capture_options__parse_trace(struct capture_options *options, int argc, char **argv)
{
	*options = (struct capture_options){};
	return parse(trace_option_rows, options, argc, argv);
}

int capture_options__parse_record(struct capture_options *options, int argc, char **argv)
{
	int err;

	*options = (struct capture_options){ .log_only = true };
	err = parse(record_option_rows, options, argc, argv);
	if (!err && !options->help && !options->log.path)
		return refuse("record: expected -w FILE");
	return err;
}

void capture_options__free(struct capture_options *options)
{
	free(options->logs.list);
	options->logs = (struct file_list){};
	filtering__free(&options->filter);
}
