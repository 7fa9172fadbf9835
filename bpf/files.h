/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The walk over the open files of all processes (iter/task_file), which finds sockets' owners. */
#ifndef TCPFLUX_FILES_H
#define TCPFLUX_FILES_H

#include "facts.h"

#define IPPROTO_TCP 6

/* It takes a pause after so many, see bpf_seq_read(). */
#define FILES_IN_STEP 4096

/* What a step has come to, if it is a socket that is not closed. */
static __always_inline struct sock *socket_of_step(struct bpf_iter__task_file *ctx)
{
	struct file *file = ctx->file;
	struct socket *socket;
	struct sock *sk;

	if (!file)
		return NULL;
	if (!(ctx->meta->seq_num % FILES_IN_STEP))
		bpf_seq_write(ctx->meta->seq, "", 1);
	socket = bpf_sock_from_file(file);
	sk = socket ? socket->sk : NULL;
	return sk && sk->__sk_common.skc_state != TCP_CLOSE ? sk : NULL;
}

static __always_inline bool is_wanted(struct sock *sk)
{
	return sk->sk_protocol == IPPROTO_TCP &&
	       connection_may_pass(&sk->__sk_common, sk->__sk_common.skc_num);
}

#endif
