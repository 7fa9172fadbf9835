// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "stream.h"

#include <errno.h>
#include <stdlib.h>

#include "../log/log.h"
#include "decode.h"
#include "standins.h"

struct stream {
	struct stream_options options;
	struct standins *standins;
	const struct transition_handler *handler;
	struct log *log;		     /* or NULL */
	struct filter log_filter, log_ports; /* what is sure not to be wanted need not be logged */
	uint64_t boot_time;
	uint64_t latest;		 /* time of a record or loss */
	uint64_t sees_timewait;		 /* since then, CLOCK_BOOTTIME in ns; UINT64_MAX: never */
	uint64_t lost[LOSS_WHERE_COUNT]; /* delivered */
};

static int deliver(void *ctx, struct transition *tr)
{
	struct stream *stream = ctx;

	tr->origin = stream->options.origin;
	return stream->handler->transition(stream->handler->ctx, tr);
}

struct stream *stream__new(const struct stream_options *options)
{
	struct stream *stream = malloc(sizeof(*stream));

	if (!stream)
		return NULL;
	*stream = (struct stream){ .options = *options, .sees_timewait = UINT64_MAX };
	stream->standins = standins__new(deliver, stream);
	if (stream->standins)
		return stream;
	free(stream);
	return NULL;
}

void stream__free(struct stream *stream)
{
	if (!stream)
		return;
	filter__free(&stream->log_filter);
	filter__free(&stream->log_ports);
	standins__free(stream->standins);
	free(stream);
}

int stream__log_to(struct stream *stream, struct log *log, const struct filter *filter)
{
	stream->log = log;
	/* Stand-ins don't know their owner, and a row can be made of two records. */
	stream->log_filter = (struct filter){
		.only_ipv4 = filter->only_ipv4,
		.only_ipv6 = filter->only_ipv6,
		.lports = filter->lports,
		.rports = filter->rports,
		.netns = filter->netns,
	};
	/* A sign of life has no more than these, see standin__tell_timewait(). */
	stream->log_ports = (struct filter){ .lports = filter->lports, .rports = filter->rports };
	log__timewait(log, stream->sees_timewait);
	return filter__compile(&stream->log_filter) ?: filter__compile(&stream->log_ports);
}

void stream__sees_timewait(struct stream *stream, uint64_t time)
{
	if (stream->log)
		log__timewait(stream->log, time);
	stream->sees_timewait = time;
	standins__sees_timewait(stream->standins, time);
}

void stream__deliver_to(struct stream *stream, const struct transition_handler *handler)
{
	stream->handler = handler;
}

void stream__set_boot_time(struct stream *stream, uint64_t boot_time)
{
	if (stream->log)
		log__boot_time(stream->log, boot_time);
	stream->boot_time = boot_time;
}

static void deliver_loss(struct stream *stream, enum loss_where where, uint64_t total,
			 uint64_t time)
{
	struct loss loss = { .count = total - stream->lost[where], .where = where };

	if (total <= stream->lost[where])
		return;
	stream->lost[where] = total;
	/* CPUs are not in step: it is not earlier than what was delivered before. */
	if (time > stream->latest)
		stream->latest = time;
	loss.time = stream->latest + stream->boot_time;
	stream->handler->loss(stream->handler->ctx, &loss);
}

void stream__lost(struct stream *stream, enum loss_where where, uint64_t total, uint64_t time)
{
	if (stream->log && total > stream->lost[where])
		log__lost(stream->log, where, total, time);
	deliver_loss(stream, where, total, time);
}

void stream__skip_lost(struct stream *stream, enum loss_where where, uint64_t total)
{
	stream->lost[where] = total;
}

static void add_cgroup(struct stream *stream, struct owner *owner, uint64_t cgroup)
{
	if (owner->how != OWNER_UNKNOWN)
		owner->cgroup = stream->options.cgroup_path(stream->options.ctx, cgroup);
}

/* What was lost before a record was written belongs in front of it. */
static void follow_ring(struct stream *stream, uint64_t lost, uint64_t time, bool logged)
{
	/* Who reads the log later does not have this record, but has to say the same. */
	if (stream->log && !logged) {
		stream__lost(stream, LOSS_RING, lost, time);
		return;
	}
	deliver_loss(stream, LOSS_RING, lost, time);
	if (time > stream->latest)
		stream->latest = time;
}

static bool is_logged(const struct stream *stream, const struct transition *tr)
{
	return stream->log && filter__match(tr->netns ? &stream->log_filter : &stream->log_ports,
					    tr) != FILTER_DROP;
}

static int on_transition(struct stream *stream, const struct event_transition *event, size_t size)
{
	struct transition tr;
	int err = decode_transition(event, size, stream->boot_time, &tr);
	bool logged;

	if (err)
		return err;
	add_cgroup(stream, &tr.owner, event->owner.cgroup);
	logged = is_logged(stream, &tr);
	if (logged)
		log__transition(stream->log, event, tr.owner.cgroup);
	follow_ring(stream, event->lost, event->time, logged);
	if (stream->options.raw)
		return deliver(stream, &tr);
	err = standins__join(stream->standins, &tr, event->time, event->standin);
	if (err <= 0)
		return err;
	if (event->time < stream->sees_timewait)
		transition__infer(&tr);
	return deliver(stream, &tr);
}

static int on_standin(struct stream *stream, const struct event_standin *record, size_t size)
{
	struct standin_event event;
	int err = decode_standin(record, size, stream->boot_time, &event);
	bool logged;

	if (err)
		return err;
	add_cgroup(stream, &event.tr.owner, record->owner.cgroup);
	logged = is_logged(stream, &event.tr);
	if (logged)
		log__standin(stream->log, record, event.tr.owner.cgroup);
	follow_ring(stream, record->lost, record->time, logged);
	if (stream->options.raw)
		return 0;
	return standins__on_event(stream->standins, &event);
}

int stream__record(struct stream *stream, const void *record, size_t size)
{
	const struct event_transition *transition = record;
	const struct event_standin *standin = record;

	switch (size ? transition->type : 0) {
	case EVENT_TRANSITION:
		return on_transition(stream, transition, size);
	case EVENT_STANDIN:
		return on_standin(stream, standin, size);
	}
	return -EBADMSG;
}

/* What is the same later, or of no use, need not be logged. */
int stream__settle(struct stream *stream, uint64_t now, bool last, size_t most)
{
	if (stream->log && (last || standins__is_due(stream->standins, now)))
		log__settle(stream->log, now, last);
	standins__forget(stream->standins, now);
	return standins__settle(stream->standins, last ? UINT64_MAX : now, most);
}

uint64_t stream__next(const struct stream *stream)
{
	return standins__next(stream->standins);
}

uint64_t stream__missed(const struct stream *stream)
{
	return standins__missed(stream->standins);
}
