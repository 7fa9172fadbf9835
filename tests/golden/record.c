// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "record.h"

#include <stdint.h>
#include <string.h>

#define AT(member) offsetof(struct record, member)

const struct word_field record_fields[] = {
	{ "old_state", read_state, AT(event.old_state) },
	{ "new_state", read_state, AT(event.new_state) },
	{ "owner_how", read_how, AT(event.owner_how) },
	{ "flags", read_flags, AT(event.flags) },
	{ "standin", read_state, AT(event.standin) },
	{ "error", read_error, AT(event.error) },
	{ "netns", read_u32, AT(event.netns) },
	{ "lport", read_u16, AT(event.lport) },
	{ "rport", read_u16, AT(event.rport) },
	{ "time", read_time, AT(event.time) },
	{ "since", read_time, AT(event.since) },
	{ "born", read_time, AT(event.born) },
	{ "cookie", read_u64, AT(event.cookie) },
	{ "laddr", read_address, AT(event.laddr) },
	{ "raddr", read_address, AT(event.raddr) },
	{ "pid", read_u32, AT(event.owner.pid) },
	{ "uid", read_u32, AT(event.owner.uid) },
	{ "comm", read_comm, AT(event.owner.comm) },
	{ "cgroup", read_path, AT(cgroup) },
	{ "bytes_sent", read_u64, AT(event.bytes_sent) },
	{ "bytes_received", read_u64, AT(event.bytes_received) },
	{ "retransmits", read_u32, AT(event.retransmits) },
	{ "rtt_us", read_u32, AT(event.rtt_us) },
	{},
};

const struct word_field standin_fields[] = {
	{ "phase", read_phase, AT(standin.phase) },
	{ "state", read_state, AT(standin.state) },
	{ "standin_flags", read_standin_flags, AT(standin.flags) },
	{ "syn_acks", read_u8, AT(standin.retransmits) },
	{},
};

void record__complete_standin(struct record *record)
{
	struct event_standin *standin = &record->standin;
	const struct event_transition *event = &record->event;

	standin->type = EVENT_STANDIN;
	standin->owner_how = event->owner_how;
	standin->netns = event->netns;
	standin->lport = event->lport;
	standin->rport = event->rport;
	standin->time = event->time;
	standin->cookie = event->cookie;
	memcpy(standin->laddr, event->laddr, sizeof(standin->laddr));
	memcpy(standin->raddr, event->raddr, sizeof(standin->raddr));
	standin->owner = event->owner;
	standin->owner.cgroup = (uintptr_t)record->cgroup;
}
