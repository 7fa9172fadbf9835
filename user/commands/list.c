// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* list: prints every TCP socket that there is now, once or from time to time. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../sinks/listing.h"
#include "../sources/requirements.h"
#include "../sources/sockets.h"
#include "../support/clock.h"
#include "../support/loop.h"
#include "../support/message.h"
#include "../support/terminal.h"
#include "command.h"
#include "filtering.h"

/* It shall end, in the middle of a list. */
#define STOPPED (-ECANCELED)

struct list_options {
	struct filter filter;
	enum format format;
	bool info;
	uint64_t watch_ns; /* 0: once */
	bool quiet;
	bool verbose;
	bool help;
};

struct list {
	const struct list_options *options;
	struct loop *loop;
	struct output *out;
	struct listing *listing;
	struct sockets *sockets;
	struct sockets_unseen unseen; /* by the last walk: said only if it changes */
};

#define AT(member) offsetof(struct list_options, member)

/* clang-format off */
static const struct option_row option_rows[] = {
	FILTER_ROWS(AT(filter)),
	{ "output",	'o', "FORMAT",	parse_format,	AT(format), "text (the default), json (one object a line) or csv" },
	{ "info",	'i', NULL,	parse_flag,	AT(info), "also congestion window, round-trip time, bytes, and when the last came" },
	{ "watch",	'w', "TIME",	parse_duration,	AT(watch_ns), "list again every so often: 500ms, 10s, 5m" },
	{ "quiet",	'q', NULL,	parse_flag,	AT(quiet), "no notices" },
	{ "verbose",	'v', NULL,	parse_flag,	AT(verbose), "show what libbpf says, and where the filter runs" },
	{ "help",	'h', NULL,	parse_flag,	AT(help), "this text" },
	{},
};
/* clang-format on */

/* Shall it end? */
static int on_pace(void *ctx)
{
	const struct list *list = ctx;
	struct pollfd stop = { loop__stop_fd(list->loop), POLLIN, 0 };

	return poll(&stop, 1, 0) > 0 ? STOPPED : 0;
}

static int on_socket(void *ctx, const struct tcp_socket *socket)
{
	struct list *list = ctx;

	if (!filter__match_socket(&list->options->filter, socket))
		return 0;
	list->listing->ops->socket(list->listing, socket);
	return output__error(list->out);
}

/* Prints one list. */
static int print_list(void *ctx)
{
	struct list *list = ctx;
	struct sockets_unseen unseen;
	int err;

	list->listing->ops->begin(list->listing, clock_ns(CLOCK_REALTIME));
	err = sockets__walk(list->sockets, on_socket, list, &unseen);
	output__flush(list->out);
	if (!list->options->quiet)
		sockets_unseen__say(&unseen, &list->unseen);
	list->unseen = unseen;
	err = err ?: output__error(list->out);
	return !err || err == STOPPED || err == output__error(list->out)
		       ? err
		       : message_errno(err, "listing sockets");
}

static int run(struct list *list)
{
	int err = sockets__drop_privileges();

	if (err)
		return message_errno(err, "giving up capabilities");
	if (list->options->verbose)
		filtering__say(&list->options->filter);
	if (!list->options->watch_ns)
		return print_list(list);
	err = loop__stop_on_hangup(list->loop, STDOUT_FILENO);
	/* Times that pass while a list is being printed are left out. */
	err = err ?: loop__every(list->loop, list->options->watch_ns, print_list, list);
	if (err)
		return message_errno(err, "starting");
	return print_list(list) ?: loop__run(list->loop);
}

/* Everything that needs no kernel. */
static int prepare(struct list *list)
{
	const struct list_options *options = list->options;
	struct listing_options listing_options = {
		.colour = terminal__wants_colour(STDOUT_FILENO),
		.info = options->info,
		.timed = options->watch_ns,
	};
	static listing_new_fn *const listings[FORMATS] = {
		[FORMAT_TEXT] = text_listing__new,
		[FORMAT_JSON] = json_listing__new,
		[FORMAT_CSV] = csv_listing__new,
	};
	int err;

	list->loop = loop__new();
	if (!list->loop)
		return message_errno(-errno, "starting");
	err = loop__stop_on_signals(list->loop);
	if (err)
		return message_errno(err, "starting");
	list->out = output__new(STDOUT_FILENO, loop__stop_fd(list->loop));
	if (list->out)
		list->listing = listings[options->format](list->out, &listing_options);
	return list->listing ? 0 : message_errno(-ENOMEM, "starting");
}

/* Which network namespaces there will be: all, if it may enter them. */
static int choose_namespaces(const struct list_options *options, struct sockets_options *choice)
{
	struct requirements needs;

	requirements__look(&needs);
	if (needs.cap_sys_admin)
		return 0;
	choice->only_here = true;
	if (!options->filter.netns && !options->quiet)
		message("only this network namespace is listed: CAP_SYS_ADMIN missing");
	return requirements__check_netns(options->filter.netns);
}

static int open_sockets(struct list *list)
{
	struct sockets_options options = {
		.verbose = list->options->verbose,
		.netns = list->options->filter.netns,
		.filter = &list->options->filter,
		.pace = on_pace,
		.ctx = list,
	};
	int err = requirements__check();

	return err ?: choose_namespaces(list->options, &options)
			?: sockets__open(&options, &list->sockets);
}

static int list(const struct list_options *options)
{
	struct list list = { .options = options };
	int status = EXIT_FAILED, err;

	if (!prepare(&list) && !open_sockets(&list)) {
		err = run(&list);
		if (!err || err == STOPPED || err == -EPIPE)
			status = EXIT_DONE;
		if (output__say_failed(list.out))
			status = EXIT_FAILED;
	}
	sockets__free(list.sockets);
	free(list.listing);
	output__free(list.out);
	loop__free(list.loop);
	return status;
}

static int parse(struct list_options *options, int argc, char **argv)
{
	struct options_rest rest;
	int err = options__parse(option_rows, argc, argv, options, &rest);

	if (err)
		return err;
	if (rest.program) {
		message("--: unexpected argument");
		return -EINVAL;
	}
	err = filtering__read(&options->filter, ABOUT_SOCKETS, rest.args, rest.count);
	return err ?: filtering__check(&options->filter);
}

int list_command(int argc, char **argv)
{
	struct list_options options = {};
	int err = parse(&options, argc, argv), status = EXIT_DONE;

	if (err) {
		status = err == -ENOMEM ? EXIT_FAILED : EXIT_USAGE;
	} else if (options.help) {
		puts("Usage: tcpflux list [OPTION...] [EXPRESSION]\n"
		     "Prints every TCP socket that there is now, and its owner, or those for "
		     "which\n"
		     "the EXPRESSION holds, written as for ss: see tcpflux(8).\n");
		options__help(option_rows, stdout);
	} else {
		status = list(&options);
	}
	filtering__free(&options.filter);
	return status;
}
