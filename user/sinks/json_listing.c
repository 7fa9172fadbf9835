// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A list of sockets for programs: JSON Lines, one object a socket. */
#include <stdlib.h>
#include <string.h>

#include "../support/clock.h"
#include "../support/format.h"
#include "listing.h"
#include "members.h"

#define ROW_MAX 2048 /* without texts from outside */

struct json_listing {
	struct listing listing;
	struct format_clock clock;
};

static void json_begin(struct listing *listing, uint64_t time)
{
	listing->time = time;
}

static char *put_identity(char *p, const struct tcp_socket *socket)
{
	p = format__u64(put_name(p, "cookie"), socket->cookie);
	p = format__u64(put_name(p, "netns"), socket->netns);
	p = format__u64(put_name(p, "family"), socket->family);
	p = put_address(put_name(p, "laddr"), &socket->laddr, socket->family);
	p = format__u64(put_name(p, "lport"), socket->lport);
	p = put_address(put_name(p, "raddr"), &socket->raddr, socket->family);
	return format__u64(put_name(p, "rport"), socket->rport);
}

static char *put_timer(char *p, const struct tcp_socket *socket)
{
	bool runs = socket->timer != SOCKET_TIMER_OFF;

	p = put_word(put_name(p, "timer"), socket_timer__name(socket->timer));
	p = put_name(p, "timer_ms");
	p = runs ? format__u64(p, socket->timer_ns / NS_PER_MS) : put_null(p);
	p = put_name(p, "timer_retransmits");
	return runs ? format__u64(p, socket->timer_retransmits) : put_null(p);
}

static char *put_count(char *p, bool known, uint64_t count)
{
	return known ? format__u64(p, count) : put_null(p);
}

static char *put_ms(char *p, bool known, int64_t ns)
{
	return put_count(p, known && ns != NOT_KNOWN, ns / (int64_t)NS_PER_MS);
}

static char *put_info(char *p, const struct tcp_socket *socket)
{
	bool known = socket->carries;

	p = put_count(put_name(p, "cwnd"), known, socket->cwnd);
	p = put_count(put_name(p, "rtt_us"), known && socket->rtt_us, socket->rtt_us);
	p = put_count(put_name(p, "bytes_sent"), known, socket->bytes_sent);
	p = put_count(put_name(p, "bytes_received"), known, socket->bytes_received);
	p = put_ms(put_name(p, "lastsnd_ms"), known, socket->lastsnd_ns);
	return put_ms(put_name(p, "lastrcv_ms"), known, socket->lastrcv_ns);
}

static void json_socket(struct listing *listing, const struct tcp_socket *socket)
{
	struct json_listing *json = (struct json_listing *)listing;
	size_t outside = socket->owner.cgroup ? strlen(socket->owner.cgroup) : 0;
	char *p = output__reserve(listing->out, ROW_MAX + FORMAT_ESCAPE_FACTOR * outside);

	p = format__str(p, "{\"type\":\"socket\"");
	if (listing->options.timed) {
		p = format__str(put_name(p, "time"), "\"");
		p = format__str(format__utc(p, &json->clock, listing->time), "\"");
	}
	p = put_identity(p, socket);
	p = put_state(put_name(p, "state"), socket->state);
	p = put_us(put_name(p, "state_us"), socket->state_ns);
	p = put_owner(p, &socket->owner);
	p = format__u64(put_name(p, "recv_q"), socket->recv_q);
	p = format__u64(put_name(p, "send_q"), socket->send_q);
	p = put_timer(p, socket);
	p = put_count(put_name(p, "retransmits"), socket->carries, socket->retransmits);
	if (listing->options.info)
		p = put_info(p, socket);
	output__commit(listing->out, format__str(p, "}\n"));
}

static const struct listing_ops json_ops = {
	.begin = json_begin,
	.socket = json_socket,
};

struct listing *json_listing__new(struct output *out, const struct listing_options *options)
{
	struct json_listing *json = calloc(1, sizeof(*json));

	if (!json)
		return NULL;
	json->listing = (struct listing){ &json_ops, out, *options, 0 };
	return &json->listing;
}
