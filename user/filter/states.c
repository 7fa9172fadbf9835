// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "states.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define ENDS   (STATE_BIT(TCP_CLOSE) | STATE_BIT(TCP_LISTEN))
#define BUCKET (STATE_BIT(TCP_SYN_RECV) | STATE_BIT(TCP_NEW_SYN_RECV) | STATE_BIT(TCP_TIME_WAIT))

/* Small letters without what may stand between words. The kernel's names need no row. */
static const struct {
	const char *name;
	uint32_t states;
} names[] = {
	{ "estab", STATE_BIT(TCP_ESTABLISHED) },
	{ "synrcv", STATE_BIT(TCP_SYN_RECV) },
	{ "synrcvd", STATE_BIT(TCP_SYN_RECV) },
	{ "synreceived", STATE_BIT(TCP_SYN_RECV) },
	{ "closed", STATE_BIT(TCP_CLOSE) },
	{ "unconnected", STATE_BIT(TCP_CLOSE) },
	{ "unconn", STATE_BIT(TCP_CLOSE) },
	{ "listening", STATE_BIT(TCP_LISTEN) },
	{ "all", STATES_ALL },
	{ "connected", STATES_ALL & ~ENDS },
	{ "synchronized", STATES_ALL & ~ENDS & ~STATE_BIT(TCP_SYN_SENT) },
	{ "bucket", BUCKET },
	{ "big", STATES_ALL & ~BUCKET },
};

#define LONGEST 16

/* Returns false for what is longer than any name. */
static bool simplify(const char *name, char *simple)
{
	size_t len = 0;

	for (; *name; name++) {
		if (*name == '-' || *name == '_')
			continue;
		if (len == LONGEST)
			return false;
		simple[len++] = (char)tolower((unsigned char)*name);
	}
	simple[len] = '\0';
	return len;
}

uint32_t states__named(const char *name)
{
	char simple[LONGEST + 1], known[LONGEST + 1];
	const char *word = simple;

	if (!simplify(name, simple))
		return 0;
	if (!strncmp(word, "tcp", 3))
		word += 3;
	for (unsigned int state = TCP_ESTABLISHED; state < STATE_COUNT; state++)
		if (simplify(state__name(state), known) && !strcmp(word, known))
			return STATE_BIT(state);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(word, names[i].name))
			return names[i].states;
	return 0;
}

uint32_t states__as_ss(uint32_t states)
{
	return states & STATE_BIT(TCP_SYN_RECV) ? states | STATE_BIT(TCP_NEW_SYN_RECV) : states;
}
