// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A list of sockets for people: a line a socket, in columns. */
#include <stdlib.h>

#include "../support/format.h"
#include "columns.h"
#include "listing.h"

/* Widths of the columns, the blank behind each included; see also columns.h. */
#define QUEUE_WIDTH  7
#define UID_WIDTH    6
#define NETNS_WIDTH  11
#define COOKIE_WIDTH 11
#define AGE_WIDTH    7
#define TIMER_WIDTH  22 /* keepalive,119m59s,9 */

#define ROW_MAX (1024 + 2 * FORMAT_ADDRESS_MAX + FORMAT_ESCAPE_FACTOR * OWNER_COMM_LEN)

struct text_listing {
	struct listing listing;
	unsigned int address_width;
};

static char *put_header(const struct text_listing *text, char *p)
{
	p = put_left(p, "STATE", STATE_WIDTH + 1);
	p = put_left(p, "RECV-Q", QUEUE_WIDTH);
	p = put_left(p, "SEND-Q", QUEUE_WIDTH);
	p = put_left(p, "LOCAL", text->address_width);
	p = put_left(p, "REMOTE", text->address_width);
	p = put_left(p, "PID", PID_WIDTH);
	p = put_left(p, "COMM", COMM_WIDTH);
	p = put_left(p, "UID", UID_WIDTH);
	p = put_left(p, "NETNS", NETNS_WIDTH);
	p = put_left(p, "COOKIE", COOKIE_WIDTH);
	p = put_left(p, "AGE", AGE_WIDTH);
	if (!text->listing.options.info)
		return format__str(p, "TIMER\n");
	return format__str(put_left(p, "TIMER", TIMER_WIDTH), "INFO\n");
}

static void text_begin(struct listing *listing, uint64_t time)
{
	const struct text_listing *text = (struct text_listing *)listing;
	char *p = output__reserve(listing->out, ROW_MAX);

	if (listing->time)
		*p++ = '\n';
	listing->time = time;
	output__commit(listing->out, put_header(text, p));
}

static char *put_number(char *p, uint64_t number, unsigned int width)
{
	return format__pad(format__u64(p, number), p, width);
}

static char *put_uid(char *p, const struct owner *owner)
{
	return owner->how == OWNER_UNKNOWN ? put_left(p, "-", UID_WIDTH)
					   : put_number(p, owner->uid, UID_WIDTH);
}

static char *put_age(char *p, int64_t ns)
{
	return ns == NOT_KNOWN ? put_left(p, "-", AGE_WIDTH)
			       : format__pad(format__span(p, ns), p, AGE_WIDTH);
}

/* As ss has it: the name, the time that is left, how often it has run out in vain. */
static char *put_timer(char *p, const struct tcp_socket *socket)
{
	if (socket->timer == SOCKET_TIMER_OFF)
		return format__str(p, "-");
	p = format__str(format__str(p, socket_timer__name(socket->timer)), ",");
	p = format__str(format__span(p, socket->timer_ns), ",");
	return format__u64(p, socket->timer_retransmits);
}

static char *put_last(char *p, const char *name, int64_t ns)
{
	return ns == NOT_KNOWN ? p : format__span(format__str(p, name), ns);
}

static char *put_info(char *p, const struct tcp_socket *socket)
{
	if (!socket->carries)
		return format__str(p, "-");
	p = format__u64(format__str(p, "cwnd:"), socket->cwnd);
	if (socket->rtt_us)
		p = format__span(format__str(p, " rtt:"), socket->rtt_us * 1000ull);
	p = format__u64(format__str(p, " retrans:"), socket->retransmits);
	p = format__u64(format__str(p, " sent:"), socket->bytes_sent);
	p = format__u64(format__str(p, " received:"), socket->bytes_received);
	p = put_last(p, " lastsnd:", socket->lastsnd_ns);
	return put_last(p, " lastrcv:", socket->lastrcv_ns);
}

/* Colours take no place in the column. */
static char *put_state(char *p, unsigned int state, bool colour)
{
	p = put_coloured(p, state, colour);
	return put_blanks(p, STATE_WIDTH + 1 - state_width(state));
}

/* Returns the row's end, or NULL if an address is too wide; *width is then what it needs. */
static char *put_row(const struct text_listing *text, char *p, const struct tcp_socket *socket,
		     unsigned int *width)
{
	const struct listing_options *options = &text->listing.options;
	char *column;

	p = put_state(p, socket->state, options->colour);
	p = put_number(p, socket->recv_q, QUEUE_WIDTH);
	p = put_number(p, socket->send_q, QUEUE_WIDTH);
	column = p;
	p = format__pad(put_endpoint(p, &socket->laddr, socket->lport, socket->family), p, *width);
	*width = p - column;
	column = p;
	p = format__pad(put_endpoint(p, &socket->raddr, socket->rport, socket->family), p, *width);
	*width = p - column;
	if (*width > text->address_width)
		return NULL;
	p = put_owner(p, &socket->owner);
	p = put_uid(p, &socket->owner);
	p = put_number(p, socket->netns, NETNS_WIDTH);
	p = put_number(p, socket->cookie, COOKIE_WIDTH);
	p = put_age(p, socket->state_ns);
	column = p;
	p = put_timer(p, socket);
	if (options->info)
		p = put_info(format__pad(p, column, TIMER_WIDTH), socket);
	*p++ = '\n';
	return p;
}

static void text_socket(struct listing *listing, const struct tcp_socket *socket)
{
	struct text_listing *text = (struct text_listing *)listing;
	char *p = output__reserve(listing->out, 2 * ROW_MAX);
	unsigned int width = text->address_width;
	char *end = put_row(text, p, socket, &width);

	if (!end) {
		text->address_width = wider_address(width);
		width = text->address_width;
		end = put_row(text, put_header(text, p), socket, &width);
	}
	output__commit(listing->out, end);
}

static const struct listing_ops text_ops = {
	.begin = text_begin,
	.socket = text_socket,
};

struct listing *text_listing__new(struct output *out, const struct listing_options *options)
{
	struct text_listing *text = calloc(1, sizeof(*text));

	if (!text)
		return NULL;
	text->listing = (struct listing){ &text_ops, out, *options, 0 };
	text->address_width = ADDRESS_WIDTH;
	return &text->listing;
}
