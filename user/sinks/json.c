// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* For programs: JSON Lines, one object a line. */
#include <stdlib.h>

#include "../support/format.h"
#include "members.h"
#include "sink.h"

#define ROW_MAX 2048 /* without texts from outside */

struct json_sink {
	struct sink sink;
	enum tally_by by;
	struct format_clock clock;
};

static char *put_time(struct json_sink *json, char *p, uint64_t time)
{
	*p++ = '"';
	p = format__utc(p, &json->clock, time);
	*p++ = '"';
	return p;
}

static char *put_socket(char *p, const struct transition *tr)
{
	p = format__u64(put_name(p, "seq"), tr->seq);
	p = format__u64(put_name(p, "cookie"), tr->cookie);
	p = format__u64(put_name(p, "netns"), tr->netns);
	p = format__u64(put_name(p, "family"), tr->family);
	p = put_address(put_name(p, "laddr"), &tr->laddr, tr->family);
	p = format__u64(put_name(p, "lport"), tr->lport);
	p = put_address(put_name(p, "raddr"), &tr->raddr, tr->family);
	return format__u64(put_name(p, "rport"), tr->rport);
}

static char *put_count(char *p, const struct transition *tr, uint64_t count)
{
	return tr->counted ? format__u64(p, count) : put_null(p);
}

static char *put_end(char *p, const struct transition *tr)
{
	const char *reason = transition__reason(tr);

	if (!reason)
		return p;
	p = put_word(put_name(p, "reason"), reason);
	p = put_us(put_name(p, "life_us"), tr->life_ns);
	p = put_count(put_name(p, "bytes_sent"), tr, tr->bytes_sent);
	p = put_count(put_name(p, "bytes_received"), tr, tr->bytes_received);
	p = put_count(put_name(p, "retransmits"), tr, tr->retransmits);
	p = put_name(p, "rtt_us");
	return tr->rtt_us ? format__u64(p, tr->rtt_us) : put_null(p);
}

static void json_transition(struct sink *sink, const struct transition *tr)
{
	struct json_sink *json = (struct json_sink *)sink;
	size_t outside = tr->owner.cgroup ? strlen(tr->owner.cgroup) : 0;
	char *p = output__reserve(sink->out, ROW_MAX + FORMAT_ESCAPE_FACTOR * outside);

	p = format__str(p, "{\"type\":\"transition\"");
	p = put_time(json, put_name(p, "time"), tr->time);
	p = put_socket(p, tr);
	p = put_state(put_name(p, "old"), tr->old_state);
	p = put_state(put_name(p, "new"), tr->new_state);
	p = put_us(put_name(p, "state_us"), tr->state_ns);
	p = put_owner(p, &tr->owner);
	p = put_word(put_name(p, "src"), transition_src__name(tr->src));
	p = format__str(put_name(p, "inferred"), tr->inferred ? "true" : "false");
	p = put_end(p, tr);
	output__commit(sink->out, format__str(p, "}\n"));
}

static void json_start(struct sink *sink, const struct sink_start *start)
{
	struct json_sink *json = (struct json_sink *)sink;
	const char *separator = "";
	char *p = output__reserve(sink->out, OUTPUT_ROW_MAX);

	p = format__str(p, "{\"type\":\"start\"");
	p = put_string(put_name(p, "version"), start->version);
	p = put_string(put_name(p, "hostname"), start->hostname);
	p = put_string(put_name(p, "kernel"), start->kernel);
	p = put_time(json, put_name(p, "time"), start->time);
	p = format__str(put_name(p, "probes"), "{");
	for (const struct probe *probe = start->probes; probe->name; probe++) {
		p = put_string(format__str(p, separator), probe->name);
		p = put_string(format__str(p, ":"), probe->status);
		separator = ",";
	}
	output__commit(sink->out, format__str(p, "}}\n"));
}

static void json_loss(struct sink *sink, const struct loss *loss)
{
	struct json_sink *json = (struct json_sink *)sink;
	char *p = output__reserve(sink->out, ROW_MAX);

	p = format__str(p, "{\"type\":\"loss\"");
	p = put_time(json, put_name(p, "time"), loss->time);
	p = format__u64(put_name(p, "count"), loss->count);
	p = put_word(put_name(p, "where"), loss_where__name(loss->where));
	output__commit(sink->out, format__str(p, "}\n"));
}

static char *put_states(char *p, const struct counts *counts)
{
	const char *separator = "";

	*p++ = '{';
	for (unsigned int i = 0; i < COUNTED_STATES; i++) {
		p = put_state(format__str(p, separator), counted_states[i]);
		*p++ = ':';
		p = format__u64(p, counts->states[counted_states[i]]);
		separator = ",";
	}
	*p++ = '}';
	return p;
}

static char *put_key(const struct json_sink *json, char *p, const struct tally *tally)
{
	switch (json->by) {
	case TALLY_BY_NETNS:
		return format__u64(put_name(p, "netns"), tally->key);
	case TALLY_BY_LPORT:
		return format__u64(put_name(p, "lport"), tally->key);
	case TALLY_BY_PID:
		return put_process(p, &tally->owner);
	case TALLY_BY_NOTHING:
		break;
	}
	return p;
}

static void json_totals(struct sink *sink, const struct sink_totals *totals)
{
	struct json_sink *json = (struct json_sink *)sink;
	const struct opened *rates = &totals->rates;
	char *p = output__reserve(sink->out, ROW_MAX);

	p = format__str(p, "{\"type\":\"totals\"");
	p = put_time(json, put_name(p, "time"), totals->counts->time);
	p = put_key(json, p, totals->tally);
	p = put_states(put_name(p, "states"), totals->counts);
	p = format__us(put_name(p, "opened"), rates->active + rates->passive);
	p = format__us(put_name(p, "opened_active"), rates->active);
	p = format__us(put_name(p, "opened_passive"), rates->passive);
	p = format__us(put_name(p, "closed"), rates->closed);
	p = format__us(put_name(p, "failed"), rates->failed);
	if (!totals->tally)
		p = format__u64(put_name(p, "drift"), totals->counts->drift);
	p = format__u64(put_name(p, "lost"), totals->counts->lost);
	output__commit(sink->out, format__str(p, "}\n"));
}

static char *put_totals(char *p, const struct totals *totals)
{
	const char *separator = "";

	*p++ = '{';
	for (unsigned int state = 1; state < STATE_COUNT; state++) {
		p = put_state(format__str(p, separator), state);
		p = format__u64(format__str(p, ":{\"entered\":"), totals->entered[state]);
		p = format__u64(put_name(p, "left"), totals->left[state]);
		*p++ = '}';
		separator = ",";
	}
	*p++ = '}';
	return p;
}

/* What a trace without totals knows in the midst of it. */
static void json_so_far(struct sink *sink, const struct sink_summary *summary)
{
	struct json_sink *json = (struct json_sink *)sink;
	char *p = output__reserve(sink->out, OUTPUT_ROW_MAX);

	p = format__str(p, "{\"type\":\"totals\"");
	p = put_time(json, put_name(p, "time"), summary->time);
	p = format__u64(put_name(p, "transitions"), summary->totals->transitions);
	p = format__u64(put_name(p, "lost"), summary->totals->lost);
	p = put_totals(put_name(p, "totals"), summary->totals);
	output__commit(sink->out, format__str(p, "}\n"));
}

static void json_summary(struct sink *sink, const struct sink_summary *summary)
{
	char *p = output__reserve(sink->out, OUTPUT_ROW_MAX);

	p = format__str(p, "{\"type\":\"summary\"");
	p = format__u64(put_name(p, "transitions"), summary->totals->transitions);
	p = format__u64(put_name(p, "lost"), summary->totals->lost);
	p = format__us(put_name(p, "duration_us"), summary->duration_ns);
	p = put_totals(put_name(p, "totals"), summary->totals);
	if (summary->counts) {
		p = put_states(put_name(p, "states"), summary->counts);
		p = format__u64(put_name(p, "drift"), summary->counts->drift);
	}
	output__commit(sink->out, format__str(p, "}\n"));
}

static const struct sink_ops json_ops = {
	.start = json_start,
	.transition = json_transition,
	.loss = json_loss,
	.totals = json_totals,
	.so_far = json_so_far,
	.summary = json_summary,
};

struct sink *json_sink__new(struct output *out, const struct sink_options *options)
{
	struct json_sink *json = calloc(1, sizeof(*json));

	if (!json)
		return NULL;
	json->by = options->by;
	json->sink = (struct sink){ &json_ops, out };
	return &json->sink;
}
