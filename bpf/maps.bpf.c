// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The maps and counters that several programs share. */
#include "cpus.h"
#include "listener.h"
#include "ring.h"
#include "table.h"

struct tracked_map tracked SEC(".maps");
struct table_map table SEC(".maps");
struct listeners_map listeners SEC(".maps");
struct cpus_map cpus SEC(".maps");
struct ring_ends_map ring_ends SEC(".maps");
struct ring_slots_map ring_slots SEC(".maps");
struct bell_map bell SEC(".maps");
struct marks_map marks SEC(".maps");

const volatile bool lanes_move;
const volatile bool timewaits_are_seen;
const volatile __u32 last_ring;
const volatile __u32 slots_in_ring = 1;
const volatile bool stores_in_order;
bool tracing;
__u64 awaited;
__u64 lost;
__u64 unmarked;
__u64 repaired;
__u64 untracked;
__u64 gaps;
__u64 let_in;

char LICENSE[] SEC("license") = "Dual BSD/GPL";
