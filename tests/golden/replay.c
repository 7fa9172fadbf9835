// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * replay [--raw] [--colour] [--report] [--log=FILE] text|json|csv|html < STREAM
 *
 * Makes wire records of a stored stream and sends them the way that live ones go, from decoding
 * to the sink; what the sink writes comes out on standard output. With --log they are written to a
 * log, too. With --report it is what a report says of the stream. A stream has a line an event, a
 * word and what the event is about as key=value. Values may be "quoted", with \" \\ \n \t and \xNN
 * in them. Empty lines and lines that begin with # are for people.
 *
 *	start [version= hostname= kernel= time= accept=]    accept: how that probe fares
 *	default KEY=VALUE...                                what the transitions below begin with
 *	transition KEY=VALUE...                             the keys are in record.c
 *	standin phase= state= KEY=VALUE...                  the same, and standin_fields[]
 *	timewait since=                                     all its stand-ins are seen from then on
 *	settle time=                                        what has ended by then has done so
 *	loss count= where=ring|probe|log [time=]
 *	summary duration=
 *
 * Times are since the boot, which was at 2026-03-01T12:00:00Z, in ns or with us, ms, s.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lines.h"
#include "log/log.h"
#include "record.h"
#include "report.h"
#include "sinks/sink.h"
#include "sources/stream.h"

#define BOOT_TIME  1772366400000000000
#define STREAM_MAX (1 << 20)

struct replay {
	struct stream *stream;
	struct output *out;
	struct sink *sink;
	struct totals totals;
	struct record preset; /* by `default` */
	unsigned int line;
};

static const struct word_field loss_fields[] = {
	{ "count", read_u64, offsetof(struct loss, count) },
	{ "where", read_where, offsetof(struct loss, where) },
	{ "time", read_time, offsetof(struct loss, time) },
	{},
};

struct start_line {
	struct sink_start start;
	const char *accept;
};

static void play_start(struct replay *replay, char **words)
{
	static const struct word_field start_fields[] = {
		{ "version", read_string, offsetof(struct start_line, start.version) },
		{ "hostname", read_string, offsetof(struct start_line, start.hostname) },
		{ "kernel", read_string, offsetof(struct start_line, start.kernel) },
		{ "time", read_time, offsetof(struct start_line, start.time) },
		{ "accept", read_string, offsetof(struct start_line, accept) },
		{},
	};
	struct probe probes[] = { { .name = "transition", .status = "on" },
				  { .name = "accept" },
				  {} };
	struct start_line line = {
		.start = { .version = "1.2.3", .hostname = "host", .kernel = "6.12.0" },
		.accept = "on",
	};

	set_fields(replay->line, words, &line, start_fields, NULL);
	probes[1].status = line.accept;
	line.start.time += BOOT_TIME;
	line.start.probes = probes;
	replay->sink->ops->start(replay->sink, &line.start);
}

static void play_default(struct replay *replay, char **words)
{
	set_fields(replay->line, words, &replay->preset, record_fields, NULL);
}

static void send_record(struct replay *replay, const void *record, size_t size)
{
	if (stream__record(replay->stream, record, size))
		refuse(replay->line, "not decoded", "record");
}

static void play_transition(struct replay *replay, char **words)
{
	struct record record = replay->preset;

	set_fields(replay->line, words, &record, record_fields, NULL);
	record.event.owner.cgroup = (uintptr_t)record.cgroup;
	send_record(replay, &record.event, sizeof(record.event));
}

static void play_standin(struct replay *replay, char **words)
{
	struct record record = replay->preset;

	set_fields(replay->line, words, &record, record_fields, standin_fields);
	record__complete_standin(&record);
	send_record(replay, &record.standin, sizeof(record.standin));
}

static uint64_t read_moment(const struct replay *replay, const char *name, char **words)
{
	const struct word_field moment[] = { { name, read_time, 0 }, {} };
	uint64_t time = 0;

	set_fields(replay->line, words, &time, moment, NULL);
	return time;
}

static void play_timewait(struct replay *replay, char **words)
{
	stream__sees_timewait(replay->stream, read_moment(replay, "since", words));
}

static void play_settle(struct replay *replay, char **words)
{
	stream__settle(replay->stream, read_moment(replay, "time", words), false, SIZE_MAX);
}

/* What a command does with a transition. */
static int on_transition(void *ctx, struct transition *tr)
{
	struct replay *replay = ctx;

	totals__add(&replay->totals, tr);
	tr->seq = replay->totals.transitions;
	replay->sink->ops->transition(replay->sink, tr);
	return 0;
}

static void on_loss(void *ctx, const struct loss *loss)
{
	struct replay *replay = ctx;

	totals__add_loss(&replay->totals, loss);
	replay->sink->ops->loss(replay->sink, loss);
}

static const char *cgroup_path(void *ctx, uint64_t id)
{
	(void)ctx;
	return (const char *)(uintptr_t)id;
}

static void play_loss(struct replay *replay, char **words)
{
	struct loss loss = {};

	set_fields(replay->line, words, &loss, loss_fields, NULL);
	loss.time += BOOT_TIME;
	on_loss(replay, &loss);
}

static void play_summary(struct replay *replay, char **words)
{
	static const struct word_field summary_fields[] = {
		{ "duration", read_time, offsetof(struct sink_summary, duration_ns) },
		{},
	};
	struct sink_summary summary = { .totals = &replay->totals };

	set_fields(replay->line, words, &summary, summary_fields, NULL);
	if (replay->sink->ops->summary)
		replay->sink->ops->summary(replay->sink, &summary);
	else
		summary__print(&summary);
}

static void play_line(struct replay *replay, char *line)
{
	static const struct {
		const char *name;
		void (*play)(struct replay *replay, char **words);
	} verbs[] = {
		{ "start", play_start },
		{ "default", play_default },
		{ "transition", play_transition },
		{ "standin", play_standin },
		{ "timewait", play_timewait },
		{ "settle", play_settle },
		{ "loss", play_loss },
		{ "summary", play_summary },
	};
	char *words[WORDS_MAX + 1];

	replay->line++;
	if (*line == '#')
		return;
	split(replay->line, line, words);
	if (!words[0])
		return;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (!strcmp(words[0], verbs[i].name)) {
			verbs[i].play(replay, words + 1);
			return;
		}
	}
	refuse(replay->line, "unknown event", words[0]);
}

/* The whole stream is kept: the values of `default` lines are wanted until the end. */
static void play(struct replay *replay)
{
	static char stream[STREAM_MAX];
	char *line = stream, *end;
	size_t len = fread(stream, 1, sizeof(stream) - 1, stdin);

	for (stream[len] = '\0'; *line; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		play_line(replay, line);
	}
}

static sink_new_fn *find_format(const char *name, bool report)
{
	static const struct {
		const char *name;
		sink_new_fn *sink_new, *report_new;
	} formats[] = {
		{ "text", text_sink__new, text_report__new },
		{ "json", json_sink__new, json_report__new },
		{ "csv", csv_sink__new, NULL },
		{ "html", NULL, html_report__new },
	};

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (!strcmp(name, formats[i].name))
			return report ? formats[i].report_new : formats[i].sink_new;
	return NULL;
}

static struct log *begin_log(const struct replay *replay, const char *path)
{
	const struct destination_options options = { .path = path, .force = true, .stop_fd = -1 };
	static const struct probe probes[] = { { .name = "transition", .status = "on" }, {} };
	static const struct filter all;
	const struct log_head head = {
		.version = "1.2.3",
		.hostname = "host",
		.kernel = "6.12.0",
		.boot_id = "ce1b1ed0-9a1b-4bd5-a6f5-7e6a2e1e0a4c",
		.time = BOOT_TIME,
		.boot_time = BOOT_TIME,
		.probes = probes,
	};
	struct log *log;

	if (log__open(&options, &log) || stream__log_to(replay->stream, log, &all) ||
	    log__begin(log, &head))
		exit(1);
	return log;
}

int main(int argc, char **argv)
{
	struct replay replay = {
		.preset.event = { .type = EVENT_TRANSITION, .netns = 4026531840, .cookie = 1 },
	};
	struct transition_handler handler = { on_transition, on_loss, &replay };
	struct stream_options stream_options = { .cgroup_path = cgroup_path };
	struct sink_options options = {};
	sink_new_fn *sink_new = NULL;
	const char *log_path = NULL;
	struct log *log = NULL;
	bool report = false;

	read_address("127.0.0.1", replay.preset.event.laddr);
	read_address("127.0.0.1", replay.preset.event.raddr);
	for (int i = 1; i < argc; i++) {
		stream_options.raw |= !strcmp(argv[i], "--raw");
		options.colour |= !strcmp(argv[i], "--colour");
		report |= !strcmp(argv[i], "--report");
		if (!strncmp(argv[i], "--log=", 6))
			log_path = argv[i] + 6;
		if (find_format(argv[i], report))
			sink_new = find_format(argv[i], report);
	}
	if (!sink_new) {
		fprintf(stderr,
			"replay [--raw] [--colour] [--report] [--log=FILE] FORMAT < STREAM\n");
		return 2;
	}
	replay.out = output__new(STDOUT_FILENO, -1);
	replay.sink = sink_new(replay.out, &options);
	replay.stream = stream__new(&stream_options);
	if (log_path)
		log = begin_log(&replay, log_path);
	stream__set_boot_time(replay.stream, BOOT_TIME);
	stream__deliver_to(replay.stream, &handler);
	play(&replay);
	if (log)
		log__flush(log);
	log__free(log);
	if (report)
		report_sink__print(replay.sink);
	output__flush(replay.out);
	if (output__error(replay.out))
		return 1;
	stream__free(replay.stream);
	free(replay.sink);
	output__free(replay.out);
	return 0;
}
