// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* For spreadsheets: RFC 4180, a header row, the members of JSON's transition as columns. */
#include <stdlib.h>

#include "../support/format.h"
#include "../support/message.h"
#include "fields.h"
#include "sink.h"

#define ROW_MAX 2048 /* without texts from outside */

static const char header[] =
	"time,seq,cookie,netns,family,laddr,lport,raddr,rport,old,new,state_us,pid,comm,uid,cgroup,"
	"owner,src,inferred,reason,life_us,bytes_sent,bytes_received,retransmits,rtt_us\n";

struct csv_sink {
	struct sink sink;
	struct format_clock clock;
};

static void csv_start(struct sink *sink, const struct sink_start *start)
{
	char *p = output__reserve(sink->out, ROW_MAX);

	(void)start;
	output__commit(sink->out, format__str(p, header));
}

static char *put_us(char *p, int64_t ns)
{
	return ns == NOT_KNOWN ? p : format__us(p, ns);
}

static char *put_socket(char *p, const struct transition *tr)
{
	p = format__u64(comma(p), tr->seq);
	p = format__u64(comma(p), tr->cookie);
	p = format__u64(comma(p), tr->netns);
	p = format__u64(comma(p), tr->family);
	p = format__address(comma(p), &tr->laddr, tr->family);
	p = format__u64(comma(p), tr->lport);
	p = format__address(comma(p), &tr->raddr, tr->family);
	return format__u64(comma(p), tr->rport);
}

static char *put_count(char *p, const struct transition *tr, uint64_t count)
{
	return tr->counted ? format__u64(p, count) : p;
}

static char *put_end(char *p, const struct transition *tr)
{
	const char *reason = transition__reason(tr);

	if (!reason)
		return format__str(p, ",,,,,,");
	p = format__str(comma(p), reason);
	p = put_us(comma(p), tr->life_ns);
	p = put_count(comma(p), tr, tr->bytes_sent);
	p = put_count(comma(p), tr, tr->bytes_received);
	p = put_count(comma(p), tr, tr->retransmits);
	p = comma(p);
	return tr->rtt_us ? format__u64(p, tr->rtt_us) : p;
}

static void csv_transition(struct sink *sink, const struct transition *tr)
{
	struct csv_sink *csv = (struct csv_sink *)sink;
	size_t outside = tr->owner.cgroup ? strlen(tr->owner.cgroup) : 0;
	char *p = output__reserve(sink->out, ROW_MAX + FORMAT_ESCAPE_FACTOR * outside);

	p = format__utc(p, &csv->clock, tr->time);
	p = put_socket(p, tr);
	p = format__state(comma(p), tr->old_state);
	p = format__state(comma(p), tr->new_state);
	p = put_us(comma(p), tr->state_ns);
	p = put_owner(p, &tr->owner);
	p = format__str(comma(p), transition_src__name(tr->src));
	p = format__str(p, tr->inferred ? ",true" : ",false");
	p = put_end(p, tr);
	*p++ = '\n';
	output__commit(sink->out, p);
}

/* A row of another kind would break every reader's columns. */
static void csv_loss(struct sink *sink, const struct loss *loss)
{
	(void)sink;
	message("%llu transitions lost (%s)", (unsigned long long)loss->count,
		loss_where__name(loss->where));
}

static const struct sink_ops csv_ops = {
	.start = csv_start,
	.transition = csv_transition,
	.loss = csv_loss,
};

struct sink *csv_sink__new(struct output *out, const struct sink_options *options)
{
	struct csv_sink *csv = calloc(1, sizeof(*csv));

	(void)options;
	if (!csv)
		return NULL;
	csv->sink = (struct sink){ &csv_ops, out };
	return &csv->sink;
}
