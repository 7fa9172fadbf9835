// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "transition.h"

#include <errno.h>
#include <string.h>

bool transition__is_end(const struct transition *tr)
{
	return tr->new_state == TCP_CLOSE || tr->new_state == TCP_TIME_WAIT;
}

/* No error: the socket's own side ended it, by a handshake, or by force. */
static const char *reason_without_error(const struct transition *tr)
{
	if (tr->enters_time_wait || tr->new_state == TCP_TIME_WAIT ||
	    (tr->old_state == TCP_LAST_ACK && tr->complete) ||
	    (tr->old_state == TCP_TIME_WAIT && tr->complete))
		return "fin";
	if (tr->old_state == TCP_LISTEN || tr->old_state == TCP_SYN_SENT ||
	    tr->old_state == TCP_NEW_SYN_RECV || tr->old_state == TCP_TIME_WAIT)
		return "closed";
	return "aborted";
}

const char *transition__reason(const struct transition *tr)
{
	const char *name;

	if (!transition__is_end(tr))
		return NULL;
	switch (tr->error) {
	case 0:
		return reason_without_error(tr);
	case ECONNREFUSED:
		return "refused";
	case ECONNRESET:
	case EPIPE: /* a reset in CLOSE_WAIT, see tcp_reset() */
		return "reset";
	case ETIMEDOUT:
		return "timeout";
	case ECONNABORTED:
		return "aborted";
	}
	name = strerrorname_np(tr->error);
	return name ?: "unknown";
}

void transition__infer(struct transition *tr)
{
	if (tr->new_state != TCP_CLOSE || !tr->enters_time_wait)
		return;
	tr->new_state = TCP_TIME_WAIT;
	tr->inferred = true;
}

const char *owner_how__name(enum owner_how how)
{
	switch (how) {
	case OWNER_SELF:
		return "self";
	case OWNER_INHERITED:
		return "inherited";
	case OWNER_ACCEPTED:
		return "accepted";
	case OWNER_SNAPSHOT:
		return "snapshot";
	case OWNER_UNKNOWN:
		break;
	}
	return "unknown";
}

const char *transition_src__name(enum transition_src src)
{
	switch (src) {
	case SRC_TRACEPOINT:
		return "tracepoint";
	case SRC_TIMEWAIT:
		return "timewait";
	case SRC_REQUEST:
		return "request";
	}
	return "unknown";
}

const char *loss_where__name(enum loss_where where)
{
	switch (where) {
	case LOSS_RING:
		return "ring";
	case LOSS_PROBE:
		return "probe";
	case LOSS_LOG:
		return "log";
	case LOSS_WHERE_COUNT:
		break;
	}
	return "unknown";
}
