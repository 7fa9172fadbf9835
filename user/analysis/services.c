// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "services.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct service_name name_of(const struct transition *tr, enum role role)
{
	static const struct in6_addr any_ipv4 = { .s6_addr = { [10] = 0xff, [11] = 0xff } };
	bool passive = role == ROLE_PASSIVE;

	return (struct service_name){
		.address = !passive	     ? tr->raddr
			   : tr->family == 4 ? any_ipv4
					     : in6addr_any,
		.netns = tr->netns,
		.boot = tr->origin.boot,
		.port = passive ? tr->lport : tr->rport,
		.role = role,
		.family = tr->family,
	};
}

int services__number(struct services *services, const struct transition *tr, enum role role,
		     uint32_t *number)
{
	struct service_name name = name_of(tr, role);
	int err = keys__number(&services->names, &name, sizeof(name), number);
	struct service *list;

	if (err)
		return err;
	list = keys__extend(services->list, &services->used, *number, sizeof(*list));
	if (!list)
		return -ENOMEM;
	services->list = list;
	return 0;
}

struct service *services__find(const struct services *services, const struct transition *tr,
			       enum role role)
{
	struct service_name name = name_of(tr, role);
	uint32_t number;

	return keys__find(&services->names, &name, sizeof(name), &number) ? &services->list[number]
									  : NULL;
}

void service__forget_past(struct service *service)
{
	*service = (struct service){
		.tried = service->half_open,
		.half_open = service->half_open,
		.half_open_most = service->half_open,
		.time_wait = service->time_wait,
		.time_wait_most = service->time_wait,
		.capture = service->capture,
	};
}

const struct service_name *services__name(const struct services *services, uint32_t number)
{
	return keys__key(&services->names, number);
}

void services__free(struct services *services)
{
	keys__free(&services->names);
	free(services->list);
	*services = (struct services){};
}
