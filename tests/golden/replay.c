// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * replay [--raw] [--colour] text|json|csv < STREAM
 *
 * Makes wire records of a stored stream and sends them the way that live ones go, from decoding to
 * the sink; what the sink writes comes out on standard output. A stream has a line an event, a word
 * and what the event is about as key=value. Values may be "quoted", with \" \\ \n \t and \xNN in
 * them. Empty lines and lines that begin with # are for people.
 *
 *	start [version= hostname= kernel= time= accept=]    accept: how that probe fares
 *	default KEY=VALUE...                                what the transitions below begin with
 *	transition KEY=VALUE...                             the keys are fields[], below
 *	loss count= where=ring|probe [time=]
 *	summary duration=
 *
 * Times are since the boot, which was at 2026-03-01T12:00:00Z, in ns or with us, ms, s.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sinks/sink.h"
#include "sources/decode.h"
#include "support/parse.h"

#define BOOT_TIME  1772366400000000000
#define STREAM_MAX (1 << 20)
#define WORDS_MAX  64

/* A transition as the ring has it, and what the source adds to it: the cgroup's path. */
struct record {
	struct event_transition event;
	const char *cgroup;
};

struct replay {
	bool raw;
	struct output *out;
	struct sink *sink;
	struct totals totals;
	struct record preset; /* by `default` */
	unsigned int line;
};

/* Reads the whole value into a member of its type; false if it can't. */
typedef bool read_fn(const char *value, void *dest);

static bool read_number(const char *value, uint64_t max, uint64_t *number)
{
	return parse_number(&value, max, number) && !*value;
}

#define READ_UNSIGNED(bits)                                                                        \
	static bool read_u##bits(const char *value, void *dest)                                    \
	{                                                                                          \
		uint64_t number;                                                                   \
		bool ok = read_number(value, UINT##bits##_MAX, &number);                           \
                                                                                                   \
		if (ok)                                                                            \
			*(uint##bits##_t *)dest = number;                                          \
		return ok;                                                                         \
	}

READ_UNSIGNED(8)
READ_UNSIGNED(16)
READ_UNSIGNED(32)
READ_UNSIGNED(64)

static bool read_time(const char *value, void *dest)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = { { "", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 } };
	uint64_t number;

	if (!parse_number(&value, UINT64_MAX, &number))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!strcmp(value, units[i].name)) {
			*(uint64_t *)dest = number * units[i].ns;
			return true;
		}
	}
	return false;
}

static bool read_state(const char *value, void *dest)
{
	for (unsigned int state = 1; state < STATE_COUNT; state++) {
		if (!strcmp(value, state__name(state))) {
			*(uint8_t *)dest = state;
			return true;
		}
	}
	return read_u8(value, dest);
}

static bool read_how(const char *value, void *dest)
{
	for (unsigned int how = OWNER_UNKNOWN; how <= OWNER_SNAPSHOT; how++) {
		if (!strcmp(value, owner_how__name(how))) {
			*(uint8_t *)dest = how;
			return true;
		}
	}
	return read_u8(value, dest);
}

static bool read_flags(const char *value, void *dest)
{
	static const struct {
		const char *name;
		uint8_t flags;
	} names[] = {
		{ "enters_time_wait", EVENT_ENTERS_TIME_WAIT | EVENT_FIN_ACKED },
		{ "fin_acked", EVENT_FIN_ACKED },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(value, names[i].name)) {
			*(uint8_t *)dest = names[i].flags;
			return true;
		}
	}
	return read_u8(value, dest);
}

static bool read_error(const char *value, void *dest)
{
	for (int error = 1; error < 200; error++) {
		const char *name = strerrorname_np(error);

		if (name && !strcmp(value, name)) {
			*(uint16_t *)dest = error;
			return true;
		}
	}
	return read_u16(value, dest);
}

static bool read_address(const char *value, void *dest)
{
	char mapped[64];

	snprintf(mapped, sizeof(mapped), "%s%s", strchr(value, ':') ? "" : "::ffff:", value);
	return inet_pton(AF_INET6, mapped, dest) == 1;
}

/* All of its bytes may be used; then it has no NUL. */
static bool read_comm(const char *value, void *dest)
{
	size_t len = strlen(value);

	if (len > OWNER_COMM_LEN)
		return false;
	memset(dest, 0, OWNER_COMM_LEN);
	memcpy(dest, value, len);
	return true;
}

/* Empty: the source has found none. */
static bool read_path(const char *value, void *dest)
{
	*(const char **)dest = *value ? value : NULL;
	return true;
}

static bool read_string(const char *value, void *dest)
{
	*(const char **)dest = value;
	return true;
}

static bool read_where(const char *value, void *dest)
{
	enum loss_where where = strcmp(value, "probe") ? LOSS_RING : LOSS_PROBE;

	*(enum loss_where *)dest = where;
	return !strcmp(value, loss_where__name(where));
}

struct field {
	const char *name;
	read_fn *read;
	size_t at; /* offset into the struct that is filled in */
};

#define AT(member) offsetof(struct record, member)

static const struct field fields[] = {
	{ "old_state", read_state, AT(event.old_state) },
	{ "new_state", read_state, AT(event.new_state) },
	{ "owner_how", read_how, AT(event.owner_how) },
	{ "flags", read_flags, AT(event.flags) },
	{ "error", read_error, AT(event.error) },
	{ "netns", read_u32, AT(event.netns) },
	{ "lport", read_u16, AT(event.lport) },
	{ "rport", read_u16, AT(event.rport) },
	{ "time", read_time, AT(event.time) },
	{ "since", read_time, AT(event.since) },
	{ "born", read_time, AT(event.born) },
	{ "cookie", read_u64, AT(event.cookie) },
	{ "laddr", read_address, AT(event.laddr) },
	{ "raddr", read_address, AT(event.raddr) },
	{ "pid", read_u32, AT(event.owner.pid) },
	{ "uid", read_u32, AT(event.owner.uid) },
	{ "comm", read_comm, AT(event.owner.comm) },
	{ "cgroup", read_path, AT(cgroup) },
	{ "bytes_sent", read_u64, AT(event.bytes_sent) },
	{ "bytes_received", read_u64, AT(event.bytes_received) },
	{ "retransmits", read_u32, AT(event.retransmits) },
	{ "rtt_us", read_u32, AT(event.rtt_us) },
	{},
};

static const struct field loss_fields[] = {
	{ "count", read_u64, offsetof(struct loss, count) },
	{ "where", read_where, offsetof(struct loss, where) },
	{ "time", read_time, offsetof(struct loss, time) },
	{},
};

static _Noreturn void refuse(const struct replay *replay, const char *what, const char *word)
{
	fprintf(stderr, "replay: line %u: %s: %s\n", replay->line, word, what);
	exit(2);
}

static void set_field(const struct replay *replay, const struct field *field, const char *word,
		      void *dest)
{
	size_t len = strcspn(word, "=");

	for (; field->name; field++) {
		if (strlen(field->name) != len || strncmp(field->name, word, len) || !word[len])
			continue;
		if (!field->read(word + len + 1, (char *)dest + field->at))
			refuse(replay, "bad value", word);
		return;
	}
	refuse(replay, "unknown key", word);
}

static void set_fields(const struct replay *replay, const struct field *field, char **words,
		       void *dest)
{
	for (; *words; words++)
		set_field(replay, field, *words, dest);
}

struct start_line {
	struct sink_start start;
	const char *accept;
};

static void play_start(struct replay *replay, char **words)
{
	static const struct field start_fields[] = {
		{ "version", read_string, offsetof(struct start_line, start.version) },
		{ "hostname", read_string, offsetof(struct start_line, start.hostname) },
		{ "kernel", read_string, offsetof(struct start_line, start.kernel) },
		{ "time", read_time, offsetof(struct start_line, start.time) },
		{ "accept", read_string, offsetof(struct start_line, accept) },
		{},
	};
	struct probe probes[] = { { "transition", "on" }, { "accept", NULL }, {} };
	struct start_line line = {
		.start = { .version = "1.2.3", .hostname = "host", .kernel = "6.12.0" },
		.accept = "on",
	};

	set_fields(replay, start_fields, words, &line);
	probes[1].status = line.accept;
	line.start.time += BOOT_TIME;
	line.start.probes = probes;
	replay->sink->ops->start(replay->sink, &line.start);
}

static void play_default(struct replay *replay, char **words)
{
	set_fields(replay, fields, words, &replay->preset);
}

static void play_transition(struct replay *replay, char **words)
{
	struct record record = replay->preset;
	struct transition tr;

	set_fields(replay, fields, words, &record);
	if (decode_transition(&record.event, sizeof(record.event), BOOT_TIME, &tr))
		refuse(replay, "not decoded", "transition");
	if (tr.owner.how != OWNER_UNKNOWN)
		tr.owner.cgroup = record.cgroup;
	if (!replay->raw)
		transition__infer(&tr);
	totals__add(&replay->totals, &tr);
	tr.seq = replay->totals.transitions;
	replay->sink->ops->transition(replay->sink, &tr);
}

static void play_loss(struct replay *replay, char **words)
{
	struct loss loss = {};

	set_fields(replay, loss_fields, words, &loss);
	loss.time += BOOT_TIME;
	totals__add_loss(&replay->totals, &loss);
	replay->sink->ops->loss(replay->sink, &loss);
}

static void play_summary(struct replay *replay, char **words)
{
	static const struct field summary_fields[] = {
		{ "duration", read_time, offsetof(struct sink_summary, duration_ns) },
		{},
	};
	struct sink_summary summary = { .totals = &replay->totals };

	set_fields(replay, summary_fields, words, &summary);
	if (replay->sink->ops->summary)
		replay->sink->ops->summary(replay->sink, &summary);
	else
		summary__print(&summary);
}

/* Reads the character behind a backslash; *text moves behind what was read. */
static char unescape(const struct replay *replay, char **text)
{
	char *p = *text, hex[3] = "";

	*text += *p == 'x' ? 3 : 1;
	switch (*p) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case '"':
	case '\\':
		return *p;
	case 'x':
		memcpy(hex, p + 1, strnlen(p + 1, 2));
		if (strlen(hex) == 2 && strspn(hex, "0123456789abcdef") == 2)
			return strtol(hex, NULL, 16);
	}
	refuse(replay, "unknown escape", p);
}

/* Cuts the line into words, within its own memory. The last one is followed by a NULL. */
static void split(const struct replay *replay, char *line, char **words)
{
	char *end = line;
	size_t count = 0;
	bool quoted = false;

	while (*(line += strspn(line, " \t"))) {
		if (count == WORDS_MAX)
			refuse(replay, "too many words", line);
		words[count++] = end = line;
		for (; *line && (quoted || !strchr(" \t", *line)); line++) {
			if (*line == '"') {
				quoted = !quoted;
			} else if (quoted && *line == '\\') {
				line++;
				*end++ = unescape(replay, &line);
				line--;
			} else {
				*end++ = *line;
			}
		}
		if (quoted)
			refuse(replay, "a quote is not closed", words[count - 1]);
		line += *line != '\0';
		*end = '\0';
	}
	words[count] = NULL;
}

static void play_line(struct replay *replay, char *line)
{
	static const struct {
		const char *name;
		void (*play)(struct replay *replay, char **words);
	} verbs[] = {
		{ "start", play_start },	   { "default", play_default },
		{ "transition", play_transition }, { "loss", play_loss },
		{ "summary", play_summary },
	};
	char *words[WORDS_MAX + 1];

	replay->line++;
	if (*line == '#')
		return;
	split(replay, line, words);
	if (!words[0])
		return;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (!strcmp(words[0], verbs[i].name)) {
			verbs[i].play(replay, words + 1);
			return;
		}
	}
	refuse(replay, "unknown event", words[0]);
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

int main(int argc, char **argv)
{
	struct replay replay = {
		.preset.event = { .type = EVENT_TRANSITION, .netns = 4026531840, .cookie = 1 },
	};
	struct sink_options options = {};
	sink_new_fn *sink_new = NULL;

	read_address("127.0.0.1", replay.preset.event.laddr);
	read_address("127.0.0.1", replay.preset.event.raddr);
	for (int i = 1; i < argc; i++) {
		replay.raw |= !strcmp(argv[i], "--raw");
		options.colour |= !strcmp(argv[i], "--colour");
		sink_new = !strcmp(argv[i], "text")   ? text_sink__new
			   : !strcmp(argv[i], "json") ? json_sink__new
			   : !strcmp(argv[i], "csv")  ? csv_sink__new
						      : sink_new;
	}
	if (!sink_new) {
		fprintf(stderr, "replay [--raw] [--colour] text|json|csv < STREAM\n");
		return 2;
	}
	replay.out = output__new(STDOUT_FILENO, -1);
	replay.sink = sink_new(replay.out, &options);
	play(&replay);
	output__flush(replay.out);
	if (output__error(replay.out))
		return 1;
	free(replay.sink);
	output__free(replay.out);
	return 0;
}
