// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <zstd.h>

#include "../support/clock.h"
#include "../support/message.h"
#include "block.h"
#include "encoder.h"

/* Nothing stays unwritten for much longer: the reader of the ring waits 10 ms, too. */
#define UNWRITTEN_MS 500

/* A failure that has not come for so long is said again. */
#define SILENT_NS (60 * NS_PER_S)

/* Higher ones save little of what columns have left, and cost more than all else. */
#define LEVEL 1

struct log {
	struct destination *to;
	struct encoder *encoder;
	ZSTD_CCtx *packer;
	struct log_head head;
	struct log_state before; /* the block that is begun, */
	struct log_state now;	 /* and after its last item */
	uint64_t written;	 /* transitions */
	bool gone;		 /* is the pipe's reader */
	bool failed;		 /* ever */
	uint64_t failed_at;	 /* last, CLOCK_MONOTONIC in ns */
	int timer;		 /* runs since the block was begun */
	uint8_t *unpacked;	 /* BLOCK_UNPACKED_MAX bytes */
	uint8_t *piece;		 /* a block, PIECE_MAX bytes */
	uint8_t *file_head;	 /* LOG_HEAD_MAX bytes */
};

#define PIECE_MAX (BLOCK_HEAD_SIZE + BLOCK_PACKED_MAX)

static bool allocate(struct log *log, const struct destination_options *options)
{
	log->to = destination__new(options);
	log->encoder = encoder__new();
	log->packer = ZSTD_createCCtx();
	log->unpacked = malloc(BLOCK_UNPACKED_MAX);
	log->piece = malloc(PIECE_MAX);
	log->file_head = malloc(LOG_HEAD_MAX);
	return log->to && log->encoder && log->packer && log->unpacked && log->piece &&
	       log->file_head;
}

int log__open(const struct destination_options *options, struct log **result)
{
	struct log *log = calloc(1, sizeof(*log));
	int err = 0;

	if (!log)
		return message_errno(-ENOMEM, options->path);
	log->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (log->timer < 0)
		err = message_errno(-errno, options->path);
	else if (!allocate(log, options))
		err = message_errno(-ENOMEM, options->path);
	if (!err) {
		err = destination__open(log->to);
		if (err == -EEXIST)
			message("%s: exists already; --force overwrites it",
				destination__name(log->to));
		else if (err && err != -EINTR)
			message_errno(err, destination__name(log->to));
	}
	if (err) {
		log__free(log);
		return err;
	}
	log->now.sees_timewait = UINT64_MAX;
	encoder__begin(log->encoder, 0);
	*result = log;
	return 0;
}

void log__free(struct log *log)
{
	if (!log)
		return;
	if (log->timer >= 0)
		close(log->timer);
	destination__free(log->to);
	encoder__free(log->encoder);
	ZSTD_freeCCtx(log->packer);
	free(log->unpacked);
	free(log->piece);
	free(log->file_head);
	free(log);
}

int log__fd(const struct log *log)
{
	return log->timer;
}

bool log__has_failed(const struct log *log)
{
	return log->failed;
}

struct log_progress log__progress(const struct log *log)
{
	uint64_t lost = log->now.lost[LOSS_LOG];

	return (struct log_progress){
		.transitions = log->written + lost + encoder__encoded(log->encoder)->transitions,
		.bytes = destination__total(log->to),
		.lost = lost,
	};
}

/*
 * Says it, unless that was a moment ago: on a disk that is nearly full some blocks find room and
 * some don't. A reader that went away is no failure.
 */
static void fail(struct log *log, int err)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);

	if (err == -EPIPE) {
		log->gone = true;
		return;
	}
	if (!log->failed || now - log->failed_at > SILENT_NS)
		message_errno(err, destination__name(log->to));
	log->failed = true;
	log->failed_at = now;
}

int log__error(const struct log *log)
{
	return log->gone ? -EPIPE : 0;
}

static int write_head(struct log *log)
{
	size_t size;
	int err;

	log->head.boot_time = log->now.boot_time ?: log->head.boot_time;
	size = log_head__pack(&log->head, log->file_head);
	err = destination__write(log->to, log->file_head, size);
	log->head.number += !err;
	return err;
}

/* Has a file that a block of this size can be written to. */
static int prepare_file(struct log *log, size_t size)
{
	int err = destination__is_due(log->to, size) ? destination__next(log->to)
						     : destination__open(log->to);

	if (!err && !destination__size(log->to))
		err = write_head(log);
	return err;
}

/* Returns the size of what is in `piece`, or a negative errno. */
static ssize_t pack(struct log *log, struct block_head *head)
{
	uint8_t *packed = log->piece + BLOCK_HEAD_SIZE;
	size_t size = encoder__finish(log->encoder, log->unpacked);

	head->unpacked = size;
	size = ZSTD_compressCCtx(log->packer, packed, BLOCK_PACKED_MAX, log->unpacked, size, LEVEL);
	if (ZSTD_isError(size))
		return -ENOMEM; /* nothing else can be: there is room for whatever it makes */
	head->packed = size;
	head->crc = block__crc(packed, size);
	block_head__pack(head, log->piece);
	return (ssize_t)(BLOCK_HEAD_SIZE + size);
}

static int write_block(struct log *log, const struct encoded *encoded)
{
	struct block_head head = {
		.items = encoded->items,
		.transitions = encoded->transitions,
		.transitions_before = log->written,
		.first = encoded->first,
		.last = encoded->last,
		.state = log->before,
	};
	ssize_t size = pack(log, &head);
	int err = size < 0 ? (int)size : prepare_file(log, size);

	return err ?: destination__write(log->to, log->piece, size);
}

int log__flush(struct log *log)
{
	const struct encoded *encoded = encoder__encoded(log->encoder);
	int err;

	if (!encoded->items)
		return log__error(log);
	timerfd_settime(log->timer, 0, &(struct itimerspec){}, NULL);
	err = log->gone ? -EPIPE : write_block(log, encoded);
	if (!err) {
		log->written += encoded->transitions;
	} else {
		fail(log, err);
		log->now.lost[LOSS_LOG] += encoded->transitions;
	}
	encoder__begin(log->encoder, log->now.lost[LOSS_RING]);
	return log__error(log);
}

int log__begin(struct log *log, const struct log_head *head)
{
	int err;

	log->head = *head;
	log->head.number = 0;
	if (getrandom(&log->head.capture, sizeof(log->head.capture), 0) < 0)
		log->head.capture = head->time;
	err = write_head(log);
	if (err)
		fail(log, err);
	return log__error(log);
}

int log__reopen(struct log *log)
{
	int err = log__flush(log);

	if (!err && destination__reopen(log->to))
		err = 0; /* the next block tries again, and says it */
	return err;
}

/* Before an item: the block that it will be in, and that the timer runs for. */
static void make_room(struct log *log)
{
	struct itimerspec when = { .it_value = { .tv_nsec = UNWRITTEN_MS * NS_PER_MS } };

	if (encoder__is_full(log->encoder))
		log__flush(log);
	if (encoder__encoded(log->encoder)->items)
		return;
	log->before = log->now;
	timerfd_settime(log->timer, 0, &when, NULL);
}

/* A record says for itself how many the ring had lost. */
static void follow_lost(struct log *log, uint64_t lost)
{
	if (lost > log->now.lost[LOSS_RING])
		log->now.lost[LOSS_RING] = lost;
}

void log__transition(struct log *log, const struct event_transition *event, const char *path)
{
	make_room(log);
	encoder__transition(log->encoder, event, path);
	follow_lost(log, event->lost);
}

void log__standin(struct log *log, const struct event_standin *event, const char *path)
{
	make_room(log);
	encoder__standin(log->encoder, event, path);
	follow_lost(log, event->lost);
}

void log__lost(struct log *log, enum loss_where where, uint64_t total, uint64_t time)
{
	make_room(log);
	encoder__note(log->encoder, LOG_LOST, where, time, total);
	log->now.lost[where] = total;
}

void log__settle(struct log *log, uint64_t now, bool last)
{
	make_room(log);
	encoder__note(log->encoder, last ? LOG_SETTLE_ALL : LOG_SETTLE, 0, now, 0);
}

/* What holds from now on is in the head of a block that begins here. */
static void note_state(struct log *log, enum log_item_type type, uint64_t *state, uint64_t value)
{
	const struct encoded *encoded = encoder__encoded(log->encoder);

	*state = value;
	if (encoded->items && encoder__is_full(log->encoder))
		log__flush(log);
	else if (encoded->items)
		encoder__note(log->encoder, type, 0, encoded->last, value);
}

void log__boot_time(struct log *log, uint64_t boot_time)
{
	note_state(log, LOG_BOOT_TIME, &log->now.boot_time, boot_time);
}

void log__timewait(struct log *log, uint64_t since)
{
	note_state(log, LOG_TIMEWAIT, &log->now.sees_timewait, since);
}
