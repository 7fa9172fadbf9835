// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * seeds FOLDER: writes what the fuzzer begins with, see log.c: connections with all that a log can
 * say of them, as a file and as columns. FOLDER/log.tfx is the file itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/encoder.h"
#include "log/format.h"
#include "log/log.h"

#define S 1000000000ull

static void fill(struct event_transition *event, unsigned int i)
{
	*event = (struct event_transition){
		.type = EVENT_TRANSITION,
		.old_state = i % 2 ? 2 : 7,
		.new_state = i % 2 ? 7 : 2,
		.owner_how = i % 5 ? OWNER_SELF : OWNER_UNKNOWN,
		.error = i % 2 ? 111 : 0,
		.netns = 4026531840,
		.lport = i % 2 ? 40000 + i / 2 : 0,
		.rport = 443,
		.time = 100 * S + i * 1000,
		.since = i % 2 ? 100 * S + i * 1000 - 1000 : 0,
		.born = 100 * S + i / 2 * 2000,
		.cookie = 4096 + i / 2,
		.lost = i / 10,
		.laddr = { [10] = 0xff, 0xff, 10, 0, 0, 1 },
		.raddr = { [10] = 0xff, 0xff, 10, 0, 0, 2 + i % 3 },
		.bytes_sent = i % 2 * 100,
		.bytes_received = i % 2 * i,
		.retransmits = i % 4 == 3,
		.rtt_us = i % 2 * 50,
	};
	if (event->owner_how)
		event->owner = (struct event_owner){ 1, 1000 + i % 2, 0, "curl" };
}

static struct event_standin standin(unsigned int i)
{
	return (struct event_standin){
		.type = EVENT_STANDIN,
		.phase = i % 2 ? STANDIN_STOPPED : STANDIN_ALIVE,
		.state = 12,
		.owner_how = OWNER_INHERITED,
		.netns = 4026531840,
		.lport = 80,
		.rport = 50000,
		.time = 100 * S + i * 1000,
		.cookie = 8192 + i / 2,
		.laddr = { [10] = 0xff, 0xff, 10, 0, 0, 1 },
		.raddr = { [10] = 0xff, 0xff, 10, 0, 0, 9 },
		.owner = { 2, 80, 33, "nginx" },
	};
}

static FILE *create(const char *folder, const char *name)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "we");
	if (!file) {
		perror(path);
		exit(1);
	}
	return file;
}

static void write_columns(const char *folder)
{
	static uint8_t columns[BLOCK_UNPACKED_MAX];
	struct encoder *encoder = encoder__new();
	FILE *file = create(folder, "columns");
	struct event_transition event;
	struct event_standin phase;

	encoder__begin(encoder, 0);
	for (unsigned int i = 0; i < 12; i++) {
		fill(&event, i);
		encoder__transition(encoder, &event, i % 3 ? "/user.slice" : NULL);
		phase = standin(i);
		encoder__standin(encoder, &phase, "/system.slice/nginx.service");
	}
	for (int type = LOG_SETTLE; type <= LOG_TIMEWAIT; type++)
		encoder__note(encoder, type, LOSS_PROBE, 101 * S, 3);
	fputc('c', file);
	fputc((int)encoder__encoded(encoder)->items, file);
	fwrite(columns, 1, encoder__finish(encoder, columns), file);
	fclose(file);
	encoder__free(encoder);
}

static void write_file(const char *folder)
{
	const struct probe probes[] = { { "transition", "on", "", false }, {} };
	struct range ports = { 1, 65535 };
	struct log_head head = {
		.version = "0.1.0",
		.hostname = "host",
		.kernel = "6.12.0",
		.boot_id = "ce1b1ed0-9a1b-4bd5-a6f5-7e6a2e1e0a4c",
		.time = 1772366400 * S,
		.boot_time = 1772366300 * S,
		.started = 100 * S,
		.probes = probes,
		.filter = { .rports = { 1, &ports } },
	};
	struct destination_options options = { .force = true, .stop_fd = -1 };
	struct event_transition event;
	struct event_standin phase;
	char path[4096];
	struct log *log;

	snprintf(path, sizeof(path), "%s/log.tfx", folder);
	options.path = path;
	if (filter__compile(&head.filter))
		exit(1);
	if (log__open(&options, &log) || log__begin(log, &head))
		exit(1);
	log__boot_time(log, head.boot_time);
	for (unsigned int i = 0; i < 40; i++) {
		fill(&event, i);
		log__transition(log, &event, "/user.slice");
		phase = standin(i);
		log__standin(log, &phase, "/system.slice/nginx.service");
		if (i % 20 == 19) {
			log__boot_time(log, head.boot_time + i);
			log__timewait(log, 100 * S);
			log__lost(log, LOSS_PROBE, i, event.time);
			log__settle(log, 200 * S, i == 39);
			log__flush(log);
		}
	}
	log__free(log);
}

/* The same behind the byte that chooses it. */
static void copy_file(const char *folder)
{
	FILE *to = create(folder, "file"), *from;
	char path[4096];
	int byte;

	snprintf(path, sizeof(path), "%s/log.tfx", folder);
	from = fopen(path, "re");
	fputc('f', to);
	while (from && (byte = fgetc(from)) != EOF)
		fputc(byte, to);
	if (from)
		fclose(from);
	fclose(to);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "seeds FOLDER\n");
		return 2;
	}
	write_columns(argv[1]);
	write_file(argv[1]);
	copy_file(argv[1]);
	return 0;
}
