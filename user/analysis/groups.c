// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "groups.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *group_key__name(enum group_key key)
{
	static const char *const names[GROUP_KEYS] = {
		[GROUP_COMM] = "comm",	   [GROUP_PID] = "pid",	    [GROUP_LPORT] = "lport",
		[GROUP_RPORT] = "rport",   [GROUP_RADDR] = "raddr", [GROUP_NETNS] = "netns",
		[GROUP_CGROUP] = "cgroup",
	};

	return names[key];
}

static int set_cgroup(struct groups *groups, const struct owner *owner, struct group_name *name)
{
	name->cgroup = NO_NUMBER;
	return owner->cgroup ? keys__number(&groups->cgroups, owner->cgroup,
					    strlen(owner->cgroup) + 1, &name->cgroup)
			     : 0;
}

/* Only what is known of the owner: of an unknown one, all is zero. */
static int set_owner(struct groups *groups, enum group_key key, const struct owner *owner,
		     struct group_name *name)
{
	name->owned = owner->how != OWNER_UNKNOWN;
	if (key == GROUP_CGROUP)
		return name->owned ? set_cgroup(groups, owner, name) : 0;
	if (!name->owned)
		return 0;
	if (key == GROUP_PID)
		name->pid = owner->pid;
	else
		memcpy(name->comm, owner->comm, strnlen(owner->comm, sizeof(name->comm) - 1));
	return 0;
}

static int set_key(struct groups *groups, enum group_key key, const struct transition *tr,
		   struct group_name *name)
{
	switch (key) {
	case GROUP_LPORT:
		name->lport = tr->lport;
		return 0;
	case GROUP_RPORT:
		name->rport = tr->rport;
		return 0;
	case GROUP_RADDR:
		name->raddr = tr->raddr;
		name->family = tr->family;
		return 0;
	case GROUP_NETNS:
		name->netns = tr->netns;
		return 0;
	default:
		return set_owner(groups, key, &tr->owner, name);
	}
}

int groups__number(struct groups *groups, const struct transition *tr, uint32_t *number)
{
	struct group_name name = {};
	struct group *list;
	int err = 0;

	for (unsigned int i = 0; !err && i < groups->by_count; i++)
		err = set_key(groups, groups->by[i], tr, &name);
	err = err ?: keys__number(&groups->names, &name, sizeof(name), number);
	if (err)
		return err;
	list = keys__extend(groups->list, &groups->used, *number, sizeof(*list));
	if (!list)
		return -ENOMEM;
	groups->list = list;
	return 0;
}

const struct group_name *groups__name(const struct groups *groups, uint32_t number)
{
	return keys__key(&groups->names, number);
}

const char *groups__cgroup(const struct groups *groups, const struct group_name *name)
{
	return name->owned && name->cgroup != NO_NUMBER ? keys__key(&groups->cgroups, name->cgroup)
							: NULL;
}

void groups__assign(struct groups *groups, struct connection *connection, uint32_t number,
		    bool open)
{
	struct group *group = &groups->list[number];

	if (connection->counted_open && (connection->group != number || !open)) {
		groups->list[connection->group].open--;
		connection->counted_open = false;
	}
	connection->group = number;
	if (!open || connection->counted_open)
		return;
	connection->counted_open = true;
	if (++group->open > group->open_most)
		group->open_most = group->open;
}

/* How it began, as far as that was seen. */
static int add_beginning(struct group *group, const struct connection *connection)
{
	bool passive = connection->role == ROLE_PASSIVE;

	group->connections++;
	group->active += connection->role == ROLE_ACTIVE;
	group->passive += passive;
	return connection->setup_ns == NOT_KNOWN
		       ? 0
		       : histogram__add(passive ? &group->handshake : &group->connect,
					connection->setup_ns);
}

int group__add_left(struct group *group, const struct connection *connection)
{
	group->left++;
	return add_beginning(group, connection);
}

int group__add_end(struct group *group, const struct connection *connection,
		   const struct transition *tr, enum happening what)
{
	int err = add_beginning(group, connection);

	if (tr->counted) {
		group->bytes_sent += tr->bytes_sent;
		group->bytes_received += tr->bytes_received;
		group->retransmits += tr->retransmits;
	}
	if (what == HAPPENED_FAILED) {
		group->failed++;
		reasons__add(&group->why_failed, transition__reason(tr));
		return err;
	}
	group->closed++;
	reasons__add(&group->ended, transition__reason(tr));
	if (!err && tr->life_ns != NOT_KNOWN)
		err = histogram__add(&group->life, tr->life_ns);
	return err;
}

void groups__free(struct groups *groups)
{
	for (uint32_t i = 0; i < groups->used; i++) {
		histogram__free(&groups->list[i].connect);
		histogram__free(&groups->list[i].handshake);
		histogram__free(&groups->list[i].life);
	}
	keys__free(&groups->names);
	keys__free(&groups->cgroups);
	free(groups->list);
	*groups = (struct groups){};
}
