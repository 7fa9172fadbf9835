// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "top_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../support/clock.h"
#include "../support/message.h"
#include "../support/parse.h"
#include "filtering.h"
#include "thresholds.h"

/* Twice that of a trace: an analysis that missed something is wrong for long. */
#define BUFFER_DEFAULT	 (32u << 20)
#define INTERVAL_DEFAULT NS_PER_S

static const char *parse_by(const char *text, void *dest)
{
	static const char *const names[TABLES] = { "comm", "lport", "raddr", "rport", "netns" };

	for (unsigned int by = 0; by < TABLES; by++) {
		if (!strcmp(text, names[by])) {
			*(enum table_by *)dest = by;
			return NULL;
		}
	}
	return "expected comm, lport, raddr, rport or netns";
}

/* There is room for every word of the command line. */
static const char *parse_log(const char *text, void *dest)
{
	struct file_list *logs = dest;

	if (!*text)
		return "expected a file";
	logs->list[logs->count++] = (char *)text;
	return NULL;
}

#define AT(member) offsetof(struct top_options, member)

/* clang-format off */
const struct option_row top_option_rows[] = {
	FILTER_ROWS(AT(filter)),
	{ "by",		  0,   "KEY",	parse_by,	AT(by), "the table to begin with: comm (the default), lport, raddr, rport, netns" },
	{ "interval",	  'i', "TIME",	parse_duration,	AT(interval_ns), "show new numbers every so often (1s): 500ms, 2s" },
	{ "read",	  'r', "FILE",	parse_log,	AT(logs), "play what these logs have; - is standard input" },
	{ "duration",	  'd', "TIME",	parse_duration,	AT(duration_ns), "stop after so long: 500ms, 10s, 5m, 1h" },
	{ "buffer",	  'b', "SIZE",	parse_buffer,	AT(buffer), "the ring buffer, a power of two (32M)" },
	{ "raw",	  0,   NULL,	parse_flag,	AT(raw), "only what the tracepoint says: no half-open connections" },
	{ "no-fentry",	  0,   NULL,	parse_flag,	AT(no_fentry), "use no fentry programs, as on kernels that refuse them" },
	THRESHOLD_ROWS(AT(thresholds)),
	{ "quiet",	  'q', NULL,	parse_flag,	AT(quiet), "no notices" },
	{ "verbose",	  'v', NULL,	parse_flag,	AT(verbose), "say which probes are in use, and why others are not" },
	{ "help",	  'h', NULL,	parse_flag,	AT(help), "this text" },
	{},
};
/* clang-format on */

static int refuse(const char *what)
{
	message("%s", what);
	return -EINVAL;
}

static int check(struct top_options *options)
{
	if (options->logs.count && options->buffer)
		return refuse("-r and -b exclude each other");
	if (options->logs.count && options->no_fentry)
		return refuse("-r and --no-fentry exclude each other");
	if (!options->buffer)
		options->buffer = BUFFER_DEFAULT;
	return filtering__check(&options->filter);
}

/* The words behind the options: more logs, with options among them; then an expression. */
static int parse_rest(struct top_options *options, struct options_rest *rest, char **end)
{
	int err = 0;

	while (rest->count && !err) {
		char *word = rest->args[0];

		if (!options->logs.count || expression__begins_with(word))
			return filtering__read(&options->filter, ABOUT_TRANSITIONS, rest->args,
					       rest->count);
		if (*word == '-' && word[1]) {
			/* In front of it is what options__parse() takes for a command's name. */
			err = options__parse(top_option_rows, (int)(end - rest->args) + 1,
					     rest->args - 1, options, rest);
			continue;
		}
		options->logs.list[options->logs.count++] = word;
		rest->args++;
		rest->count--;
	}
	return err;
}

int top_options__parse(struct top_options *options, int argc, char **argv)
{
	struct options_rest rest;
	int err;

	*options = (struct top_options){
		.interval_ns = INTERVAL_DEFAULT,
		.thresholds = thresholds_default,
		.logs.list = calloc(argc + 1, sizeof(*options->logs.list)),
	};
	if (!options->logs.list)
		return message_errno(-ENOMEM, "starting");
	err = options__parse(top_option_rows, argc, argv, options, &rest);
	err = err ?: parse_rest(options, &rest, argv + argc);
	if (err)
		return err;
	if (rest.program)
		return refuse("--: unexpected argument");
	return check(options);
}

void top_options__free(struct top_options *options)
{
	free(options->logs.list);
	filtering__free(&options->filter);
}
