// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "state.h"

#include <stddef.h>

static const struct {
	unsigned char len;
	char name[STATE_NAME_SIZE];
} states[STATE_COUNT] = {
#define STATE(name) [TCP_##name] = { sizeof(#name) - 1, #name }
	STATE(ESTABLISHED), STATE(SYN_SENT),  STATE(SYN_RECV), STATE(FIN_WAIT1),
	STATE(FIN_WAIT2),   STATE(TIME_WAIT), STATE(CLOSE),    STATE(CLOSE_WAIT),
	STATE(LAST_ACK),    STATE(LISTEN),    STATE(CLOSING),  STATE(NEW_SYN_RECV),
#undef STATE
};

const char *state__name(unsigned int state)
{
	return state && state < STATE_COUNT ? states[state].name : NULL;
}

unsigned int state__name_len(unsigned int state)
{
	return state < STATE_COUNT ? states[state].len : 0;
}
