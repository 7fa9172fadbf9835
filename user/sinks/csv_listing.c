// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A list of sockets for spreadsheets: RFC 4180, the members of JSON's socket as columns. */
#include <stdlib.h>
#include <string.h>

#include "../support/clock.h"
#include "../support/format.h"
#include "fields.h"
#include "listing.h"

#define ROW_MAX 2048 /* without texts from outside */

static const char header[] =
	"cookie,netns,family,laddr,lport,raddr,rport,state,state_us,pid,comm,uid,cgroup,owner,"
	"recv_q,send_q,timer,timer_ms,timer_retransmits,retransmits";
static const char info_header[] = ",cwnd,rtt_us,bytes_sent,bytes_received,lastsnd_ms,lastrcv_ms";

struct csv_listing {
	struct listing listing;
	struct format_clock clock;
};

/* One header row, however often the list is repeated. */
static void csv_begin(struct listing *listing, uint64_t time)
{
	char *p = output__reserve(listing->out, ROW_MAX);
	bool first = !listing->time;

	listing->time = time;
	if (!first)
		return;
	if (listing->options.timed)
		p = format__str(p, "time,");
	p = format__str(p, header);
	if (listing->options.info)
		p = format__str(p, info_header);
	output__commit(listing->out, format__str(p, "\n"));
}

static char *put_identity(char *p, const struct tcp_socket *socket)
{
	p = format__u64(p, socket->cookie);
	p = format__u64(comma(p), socket->netns);
	p = format__u64(comma(p), socket->family);
	p = format__address(comma(p), &socket->laddr, socket->family);
	p = format__u64(comma(p), socket->lport);
	p = format__address(comma(p), &socket->raddr, socket->family);
	return format__u64(comma(p), socket->rport);
}

/* A field, empty if it is not known. */
static char *put_count(char *p, bool known, uint64_t count)
{
	p = comma(p);
	return known ? format__u64(p, count) : p;
}

static char *put_ms(char *p, bool known, int64_t ns)
{
	return put_count(p, known && ns != NOT_KNOWN, ns / (int64_t)NS_PER_MS);
}

static char *put_timer(char *p, const struct tcp_socket *socket)
{
	bool runs = socket->timer != SOCKET_TIMER_OFF;

	p = format__str(comma(p), socket_timer__name(socket->timer));
	p = put_ms(p, runs, socket->timer_ns);
	return put_count(p, runs, socket->timer_retransmits);
}

static char *put_info(char *p, const struct tcp_socket *socket)
{
	bool known = socket->carries;

	p = put_count(p, known, socket->cwnd);
	p = put_count(p, known && socket->rtt_us, socket->rtt_us);
	p = put_count(p, known, socket->bytes_sent);
	p = put_count(p, known, socket->bytes_received);
	p = put_ms(p, known, socket->lastsnd_ns);
	return put_ms(p, known, socket->lastrcv_ns);
}

static void csv_socket(struct listing *listing, const struct tcp_socket *socket)
{
	struct csv_listing *csv = (struct csv_listing *)listing;
	size_t outside = socket->owner.cgroup ? strlen(socket->owner.cgroup) : 0;
	char *p = output__reserve(listing->out, ROW_MAX + FORMAT_ESCAPE_FACTOR * outside);

	if (listing->options.timed)
		p = comma(format__utc(p, &csv->clock, listing->time));
	p = put_identity(p, socket);
	p = format__state(comma(p), socket->state);
	p = comma(p);
	if (socket->state_ns != NOT_KNOWN)
		p = format__us(p, socket->state_ns);
	p = put_owner(p, &socket->owner);
	p = put_count(p, true, socket->recv_q);
	p = put_count(p, true, socket->send_q);
	p = put_timer(p, socket);
	p = put_count(p, socket->carries, socket->retransmits);
	if (listing->options.info)
		p = put_info(p, socket);
	output__commit(listing->out, format__str(p, "\n"));
}

static const struct listing_ops csv_ops = {
	.begin = csv_begin,
	.socket = csv_socket,
};

struct listing *csv_listing__new(struct output *out, const struct listing_options *options)
{
	struct csv_listing *csv = calloc(1, sizeof(*csv));

	if (!csv)
		return NULL;
	csv->listing = (struct listing){ &csv_ops, out, *options, 0 };
	return &csv->listing;
}
