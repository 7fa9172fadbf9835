// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "recorded.h"

#include <errno.h>
#include <stdlib.h>

#include "../filter/sieve.h"
#include "../log/decoder.h"
#include "stream.h"

struct recorded {
	struct stream *stream;
	struct sieve sieve; /* of the capture: it has more records than rows were wanted */
	struct transition_handler sieve_handler;
	struct decoder *decoder;
	struct reader **file; /* by their numbers in the capture */
	size_t files, current;
	bool begun;   /* a block has been read */
	bool pending; /* `item` is still to be delivered */
	struct item item;
	uint64_t boot_time;   /* the wall clock when CLOCK_BOOTTIME was 0, ns */
	uint32_t expected;    /* of the block: transitions that are still to come */
	uint64_t transitions; /* so far, by what the blocks' heads say */
	uint64_t damaged;     /* of these, so many could not be read */
	uint64_t log_lost;    /* could not be written */
	uint64_t ended;	      /* of the last item, CLOCK_BOOTTIME in ns */
};

/* The stream asks while it has the record of `item`. */
static const char *cgroup_path(void *ctx, uint64_t id)
{
	const struct recorded *r = ctx;

	(void)id;
	return r->item.path;
}

struct recorded *recorded__new(bool raw, struct origin origin)
{
	struct recorded *r = calloc(1, sizeof(*r));
	struct stream_options options = {
		.raw = raw,
		.origin = origin,
		.cgroup_path = cgroup_path,
		.ctx = r,
	};

	if (!r)
		return NULL;
	r->stream = stream__new(&options);
	r->decoder = decoder__new();
	if (!sieve__init(&r->sieve, NULL) && r->stream && r->decoder)
		return r;
	recorded__free(r);
	return NULL;
}

void recorded__free(struct recorded *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->files; i++)
		reader__free(r->file[i]);
	free(r->file);
	sieve__free(&r->sieve);
	stream__free(r->stream);
	decoder__free(r->decoder);
	free(r);
}

int recorded__add(struct recorded *r, struct reader *reader)
{
	const struct log_head *new = reader__head(reader), *head;
	struct reader **file;
	size_t place = r->files;

	for (size_t i = r->files; i-- > 0;) {
		head = reader__head(r->file[i]);
		if (head->capture != new->capture)
			return -EXDEV;
		if (head->number == new->number)
			return -EEXIST;
		if (head->number > new->number)
			place = i;
	}
	file = reallocarray(r->file, r->files + 1, sizeof(*file));
	if (!file)
		return -ENOMEM;
	r->file = file;
	for (size_t i = r->files++; i > place; i--)
		file[i] = file[i - 1];
	file[place] = reader;
	return 0;
}

const struct log_head *recorded__head(const struct recorded *r)
{
	return reader__head(r->file[0]);
}

void recorded__deliver_to(struct recorded *r, const struct transition_handler *handler)
{
	r->sieve.filter = &recorded__head(r)->filter;
	r->sieve_handler = sieve__handler(&r->sieve);
	sieve__deliver_to(&r->sieve, handler);
	stream__deliver_to(r->stream, &r->sieve_handler);
}

uint64_t recorded__started(const struct recorded *r)
{
	return recorded__head(r)->started + r->boot_time;
}

uint64_t recorded__ended(const struct recorded *r)
{
	return r->ended + r->boot_time;
}

static void tell_lost(struct recorded *r, enum loss_where where, uint64_t total, uint64_t time)
{
	if (where == LOSS_LOG) {
		r->log_lost = total;
		total += r->damaged;
	}
	stream__lost(r->stream, where, total, time);
}

/* What was before the first file was never to be in it. */
static void begin(struct recorded *r, const struct block_head *head)
{
	r->begun = true;
	if (!recorded__head(r)->number)
		return;
	r->transitions = head->transitions_before;
	for (unsigned int i = 0; i < LOSS_WHERE_COUNT; i++)
		stream__skip_lost(r->stream, i, head->state.lost[i]);
}

/* What the block before it has not said, because it was damaged. */
static void take_state(struct recorded *r, const struct block_head *head)
{
	const struct log_state *state = &head->state;

	r->boot_time = state->boot_time;
	stream__set_boot_time(r->stream, state->boot_time);
	if (!r->begun)
		begin(r, head);
	stream__sees_timewait(r->stream, state->sees_timewait);
	if (head->transitions_before > r->transitions)
		r->damaged += head->transitions_before - r->transitions;
	r->transitions = head->transitions_before + head->transitions;
	for (unsigned int i = 0; i < LOSS_WHERE_COUNT; i++)
		tell_lost(r, i, state->lost[i], head->first);
}

/* A damaged end has nothing behind it that would tell how much it was. */
static void end_file(struct recorded *r)
{
	uint64_t damaged = reader__damaged(r->file[r->current]);

	r->current++;
	r->transitions += damaged;
	r->damaged += damaged;
	if (r->begun)
		tell_lost(r, LOSS_LOG, r->log_lost, r->ended);
}

/* The rest of a block that contradicts itself. */
static void give_up_block(struct recorded *r)
{
	reader__say_bad(r->file[r->current]);
	r->damaged += r->expected;
	tell_lost(r, LOSS_LOG, r->log_lost, r->item.time);
}

/* Begins the next block that can be. Returns 1, 0 at the end, -errno. */
static int next_block(struct recorded *r)
{
	struct block_head head;
	const uint8_t *columns;
	int err;

	while (r->current < r->files) {
		err = reader__next(r->file[r->current], &head, &columns);
		if (err < 0)
			return err;
		if (!err) {
			end_file(r);
			continue;
		}
		take_state(r, &head);
		err = decoder__begin(r->decoder, columns, head.unpacked, head.items,
				     head.state.lost[LOSS_RING]);
		r->expected = head.transitions;
		r->item.time = head.first;
		if (err != -EBADMSG)
			return err ?: 1;
		give_up_block(r);
	}
	return 0;
}

int recorded__peek(struct recorded *r, uint64_t *time)
{
	int there = 1;

	while (!r->pending && there > 0) {
		there = decoder__next(r->decoder, &r->item);
		r->pending = there > 0;
		if (there < 0)
			give_up_block(r);
		if (there <= 0)
			there = next_block(r);
	}
	*time = r->item.time + r->boot_time;
	return there;
}

static int deliver_record(struct recorded *r)
{
	if (r->item.type == EVENT_TRANSITION && r->expected)
		r->expected--;
	return stream__record(r->stream, r->item.record, r->item.size);
}

int recorded__deliver(struct recorded *r)
{
	const struct item *item = &r->item;

	r->pending = false;
	r->ended = item->time;
	switch (item->type) {
	case EVENT_TRANSITION:
	case EVENT_STANDIN:
		return deliver_record(r);
	case LOG_SETTLE:
	case LOG_SETTLE_ALL:
		return stream__settle(r->stream, item->time, item->type == LOG_SETTLE_ALL,
				      SIZE_MAX);
	case LOG_LOST:
		if (item->where < LOSS_WHERE_COUNT)
			tell_lost(r, item->where, item->value, item->time);
		break;
	case LOG_BOOT_TIME:
		r->boot_time = item->value;
		stream__set_boot_time(r->stream, item->value);
		break;
	case LOG_TIMEWAIT:
		stream__sees_timewait(r->stream, item->value);
		break;
	}
	return 0;
}
