// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "logfile.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "../support/message.h"
#include "recorded.h"

struct logfile {
	struct logfile_options options;
	struct logfile_head head;
	struct recorded **capture;
	size_t captures;
};

/* Of a capture that is to be added. */
static struct origin origin_of(const struct logfile *logfile, const struct log_head *head)
{
	size_t boot = 0, capture = logfile->captures;

	while (boot < capture &&
	       strcmp(recorded__head(logfile->capture[boot])->boot_id, head->boot_id))
		boot++;
	return (struct origin){
		.boot = boot < UINT16_MAX ? boot : UINT16_MAX,
		.capture = capture < UINT16_MAX ? capture : UINT16_MAX,
	};
}

static struct recorded *add_capture(struct logfile *logfile, const struct log_head *head)
{
	bool raw = logfile->options.raw || head->raw;
	size_t count = logfile->captures + 1;
	struct recorded **capture = reallocarray(logfile->capture, count, sizeof(*capture));

	if (!capture)
		return NULL;
	logfile->capture = capture;
	capture[count - 1] = recorded__new(raw, origin_of(logfile, head));
	if (!capture[count - 1])
		return NULL;
	logfile->captures = count;
	return capture[count - 1];
}

/* To the capture that it is of. The file is the capture's if this returns 0. */
static int add_file(struct logfile *logfile, struct reader *reader)
{
	struct recorded *new;
	int err;

	for (size_t i = 0; i < logfile->captures; i++) {
		err = recorded__add(logfile->capture[i], reader);
		if (err != -EXDEV)
			return err;
	}
	new = add_capture(logfile, reader__head(reader));
	return new ? recorded__add(new, reader) : -ENOMEM;
}

static int open_file(struct logfile *logfile, const char *path)
{
	struct reader *reader;
	int err = reader__open(path, logfile->options.stop_fd, &reader);

	if (err)
		return err;
	err = add_file(logfile, reader);
	if (!err)
		return 0;
	if (err == -EEXIST)
		message("%s: given twice", path);
	else
		message_errno(err, path);
	reader__free(reader);
	return err;
}

int logfile__open(char **paths, int count, const struct logfile_options *options,
		  struct logfile **result)
{
	struct logfile *logfile = calloc(1, sizeof(*logfile));
	const struct log_head *head;
	int err = 0;

	if (!logfile)
		return message_errno(-ENOMEM, "reading");
	logfile->options = *options;
	for (int i = 0; i < count && !err; i++)
		err = open_file(logfile, paths[i]);
	if (err || !logfile->captures) {
		logfile__free(logfile);
		return err ?: -EINVAL;
	}
	head = recorded__head(logfile->capture[0]);
	logfile->head = (struct logfile_head){
		.version = head->version,
		.hostname = head->hostname,
		.kernel = head->kernel,
		.time = head->time,
		.probes = head->probes,
	};
	*result = logfile;
	return 0;
}

/*
 * The capture whose next item is the earliest, and its time. Returns 1, 0 at the end of all, or
 * -errno.
 */
static int choose(struct logfile *logfile, struct recorded **chosen, uint64_t *earliest)
{
	uint64_t time;
	int there;

	*chosen = NULL;
	for (size_t i = 0; i < logfile->captures; i++) {
		there = recorded__peek(logfile->capture[i], &time);
		if (there < 0)
			return there;
		if (there && (!*chosen || time < *earliest)) {
			*chosen = logfile->capture[i];
			*earliest = time;
		}
	}
	return *chosen != NULL;
}

int logfile__play(struct logfile *logfile, const struct transition_handler *handler, uint64_t until,
		  unsigned int most, uint64_t *next)
{
	struct recorded *capture;
	int there = 1, err = 0;

	for (size_t i = 0; i < logfile->captures; i++)
		recorded__deliver_to(logfile->capture[i], handler);
	while (!err && (there = choose(logfile, &capture, next)) > 0) {
		if (!most-- || *next > until)
			return 1;
		err = recorded__deliver(capture);
	}
	return err ?: there == -EINTR ? 0 : there;
}

int logfile__read(struct logfile *logfile, const struct transition_handler *handler)
{
	uint64_t next;
	int there;

	do
		there = logfile__play(logfile, handler, UINT64_MAX, UINT_MAX, &next);
	while (there > 0);
	return there;
}

const struct logfile_head *logfile__head(const struct logfile *logfile)
{
	return &logfile->head;
}

uint64_t logfile__span(const struct logfile *logfile)
{
	uint64_t started = UINT64_MAX, ended = 0;

	for (size_t i = 0; i < logfile->captures; i++) {
		uint64_t from = recorded__started(logfile->capture[i]);
		uint64_t to = recorded__ended(logfile->capture[i]);

		started = from < started ? from : started;
		ended = to > ended ? to : ended;
	}
	return ended > started ? ended - started : 0;
}

void logfile__free(struct logfile *logfile)
{
	if (!logfile)
		return;
	for (size_t i = 0; i < logfile->captures; i++)
		recorded__free(logfile->capture[i]);
	free(logfile->capture);
	free(logfile);
}
