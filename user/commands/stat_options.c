// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "stat_options.h"

#include <errno.h>
#include <string.h>

#include "../support/message.h"
#include "../support/parse.h"
#include "filtering.h"

static const char *parse_by(const char *text, void *dest)
{
	enum tally_by *by = dest;

	if (!strcmp(text, "netns"))
		*by = TALLY_BY_NETNS;
	else if (!strcmp(text, "pid"))
		*by = TALLY_BY_PID;
	else if (!strcmp(text, "lport"))
		*by = TALLY_BY_LPORT;
	else
		return "expected netns, pid or lport";
	return NULL;
}

#define AT(member) offsetof(struct stat_options, member)

/* clang-format off */
const struct option_row stat_option_rows[] = {
	FILTER_ROWS(AT(filter)),
	{ "by",		  0,   "KEY",	parse_by,	AT(by), "a line for each netns, pid or lport, those with most sockets first" },
	{ "top",	  0,   "N",	parse_count,	AT(top), "with --by: only so many lines an interval" },
	{ "output",	  'o', "FORMAT", parse_format,	AT(format), "text (the default), json (one object a line) or csv" },
	{ "duration",	  'd', "TIME",	parse_duration, AT(duration_ns), "stop after so long: 500ms, 10s, 5m, 1h" },
	{ "quiet",	  'q', NULL,	parse_flag,	AT(quiet), "no notices and no summary" },
	{ "verbose",	  'v', NULL,	parse_flag,	AT(verbose), "say by what the counters differ from each new census" },
	{ "fail-on-loss", 0,   NULL,	parse_flag,	AT(fail_on_loss), "exit with 3 if any transition was lost" },
	{ "help",	  'h', NULL,	parse_flag,	AT(help), "this text" },
	{},
};
/* clang-format on */

/* The words that are no options, in their order. */
static const struct {
	const char *name;
	const char *(*parse)(const char *text, void *dest);
	size_t dest;
} words[] = {
	{ "INTERVAL", parse_duration, AT(interval_ns) },
	{ "COUNT", parse_count, AT(count) },
};

#define WORDS (sizeof(words) / sizeof(words[0]))

static int take_word(struct stat_options *options, unsigned int number, const char *text)
{
	const char *problem;

	if (number >= WORDS) {
		message("%s: unexpected argument", text);
		return -EINVAL;
	}
	problem = words[number].parse(text, (char *)options + words[number].dest);
	if (!problem)
		return 0;
	message("%s %s: %s", words[number].name, text, problem);
	return -EINVAL;
}

static bool is_option(const char *word)
{
	return word[0] == '-' && word[1];
}

/* The words from the first on that begins an expression: all up to the next option. */
static int take_expression(struct stat_options *options, struct options_rest *rest)
{
	int count = 0, err;

	while (count < rest->count && !is_option(rest->args[count]))
		count++;
	err = filtering__read(&options->filter, ABOUT_SOCKETS, rest->args, count);
	rest->args += count;
	rest->count -= count;
	return err;
}

static int take_words(struct stat_options *options, struct options_rest *rest, unsigned int *number)
{
	int err = 0;

	while (!err && rest->count && !is_option(*rest->args)) {
		if (expression__begins_with(*rest->args))
			return take_expression(options, rest);
		err = take_word(options, (*number)++, *rest->args++);
		rest->count--;
	}
	return err;
}

/* Options may stand behind the words, too: `stat 1 -o json`. */
static int parse_all(struct stat_options *options, int argc, char **argv)
{
	struct options_rest rest;
	unsigned int number = 0;
	int err;

	do {
		err = options__parse(stat_option_rows, argc, argv, options, &rest);
		if (err)
			return err;
		options->program = rest.program;
		err = take_words(options, &rest, &number);
		argc -= rest.args - 1 - argv;
		argv = rest.args - 1;
	} while (!err && rest.count);
	return err;
}

static int refuse(const char *what)
{
	message("%s", what);
	return -EINVAL;
}

int stat_options__parse(struct stat_options *options, int argc, char **argv)
{
	int err;

	*options = (struct stat_options){};
	err = parse_all(options, argc, argv);
	if (err)
		return err;
	if (options->program && !*options->program)
		return refuse("--: expected a program");
	if (options->top && !options->by)
		return refuse("--top: only with --by");
	/* The kernel counts for all namespaces or one; what else is wanted must be looked at. */
	options->netns = options->filter.netns;
	options->filter.netns = 0;
	options->looks = options->by || !filter__is_empty(&options->filter);
	options->filter.netns = options->looks ? options->netns : 0;
	return filtering__check(&options->filter);
}

void stat_options__free(struct stat_options *options)
{
	filtering__free(&options->filter);
}
