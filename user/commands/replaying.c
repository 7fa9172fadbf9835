// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "replaying.h"

#include <errno.h>

#include "../sources/logfile.h"
#include "../support/loop.h"
#include "../support/message.h"
#include "command.h"
#include "printing.h"

static void print_start(struct printing *printing, const struct logfile_head *head)
{
	struct sink_start start = {
		.time = head->time,
		.version = head->version,
		.hostname = head->hostname,
		.kernel = head->kernel,
		.probes = head->probes,
	};

	printing->sink->ops->start(printing->sink, &start);
}

static int replay(const struct capture_options *options, struct loop *loop,
		  struct printing *printing)
{
	const struct logfile_options logfile_options = {
		.raw = options->raw,
		.stop_fd = loop__stop_fd(loop),
	};
	struct transition_handler handler = printing__handler(printing);
	struct logfile *logfile;
	int err, status;

	err = logfile__open(options->logs.list, options->logs.count, &logfile_options, &logfile);
	if (err)
		return err == -EINTR ? EXIT_DONE : EXIT_FAILED;
	printing->span_ns = options->duration_ns;
	print_start(printing, logfile__head(logfile));
	err = logfile__read(logfile, &handler);
	if (err != -EBADMSG)
		err = printing__say_why(printing, err, "reading");
	output__flush(printing->out);
	err = err ?: output__error(printing->out);
	status = printing__end(printing, err, logfile__span(logfile));
	logfile__free(logfile);
	return status;
}

int replaying__run(const struct capture_options *options)
{
	struct printing printing = {};
	struct loop *loop = loop__new();
	int status = EXIT_FAILED, err = loop ? loop__stop_on_signals(loop) : -errno;

	if (err)
		message_errno(err, "starting");
	else if (!printing__begin(&printing, options, loop__stop_fd(loop)))
		status = replay(options, loop, &printing);
	printing__free(&printing);
	loop__free(loop);
	return status;
}
