// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "ehash.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/* There are as many buckets as connections are to be expected, or more. */
#define CHAIN_MAX 128

/* Read without the bucket's lock, a node may have been moved to another chain meanwhile. */
#define TRIES 2

static __always_inline struct hlist_nulls_node *first_of_chain(struct inet_hashinfo *hashinfo,
							       __u32 bucket)
{
	struct inet_ehash_bucket *chain = (void *)BPF_CORE_READ(hashinfo, ehash) +
					  (__u64)bucket *
						  bpf_core_type_size(struct inet_ehash_bucket);

	return BPF_CORE_READ(chain, chain.first);
}

/* What a chain ends with: its number, and not an address (NULLS_MARKER()). */
static __always_inline bool is_end(const struct hlist_nulls_node *node)
{
	return (__u64)node & 1;
}

static __always_inline bool is_end_of(const struct hlist_nulls_node *node, __u32 bucket)
{
	return is_end(node) && (__u64)node >> 1 == bucket;
}

static __always_inline bool is_standin(const struct inet_timewait_sock *tw, __u64 cookie)
{
	return BPF_CORE_READ(tw, __tw_common.skc_state) == TCP_TIME_WAIT &&
	       (__u64)BPF_CORE_READ(tw, __tw_common.skc_cookie.counter) == cookie;
}

__noinline __u8 ehash__find_standin(__u64 hashinfo, __u32 hash, __u64 cookie)
{
	__u32 bucket = hash & BPF_CORE_READ((struct inet_hashinfo *)hashinfo, ehash_mask);
	struct hlist_nulls_node *node = NULL;

	for (int tries = 0; tries < TRIES && !is_end_of(node, bucket); tries++) {
		node = first_of_chain((void *)hashinfo, bucket);
		for (int i = 0; i < CHAIN_MAX && !is_end(node); i++) {
			struct inet_timewait_sock *tw = (void *)node -
							bpf_core_field_offset(struct sock_common,
									      skc_nulls_node);

			if (is_standin(tw, cookie))
				return BPF_CORE_READ(tw, tw_substate);
			node = BPF_CORE_READ(node, next);
		}
	}
	return 0;
}
