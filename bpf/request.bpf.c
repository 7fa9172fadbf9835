// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Half-open connections: a request stands for the connection from the SYN to the last ACK. Here by
 * trampolines; timers.bpf.c is the way without them.
 */
#include "standin.h"

/* Not called for a SYN cookie, which leaves nothing behind. Asked for now, the child gets the
 * cookie. */
SEC("?fentry/inet_csk_reqsk_queue_hash_add")
int BPF_PROG(request_begins, struct sock *listener, struct request_sock *req)
{
	bpf_get_socket_cookie(req);
	standin__tell_request(req, STANDIN_ALIVE);
	return 0;
}

/* The child takes its place, an RST comes, or `ss -K`. */
SEC("?fentry/inet_csk_reqsk_queue_drop")
int BPF_PROG(request_dropped, struct sock *listener, struct request_sock *req)
{
	standin__tell_request(req, STANDIN_STOPPED);
	return 0;
}

/* The same function's other name, from which the compiler may not call it. */
SEC("?fentry/inet_csk_reqsk_queue_drop_and_put")
int BPF_PROG(request_dropped_and_put, struct sock *listener, struct request_sock *req)
{
	standin__tell_request(req, STANDIN_STOPPED);
	return 0;
}

/* Sends the SYN-ACK again and starts the timer again, or gives up. */
SEC("?fexit/reqsk_timer_handler")
int BPF_PROG(request_timed_out, struct timer_list *timer)
{
	struct request_sock *req = (void *)timer -
				   bpf_core_field_offset(struct request_sock, rsk_timer);

	if (!timer->entry.pprev)
		standin__tell_request(req, STANDIN_EXPIRED);
	return 0;
}
