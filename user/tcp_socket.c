// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tcp_socket.h"

const char *socket_timer__name(enum socket_timer timer)
{
	switch (timer) {
	case SOCKET_TIMER_OFF:
		return "off";
	case SOCKET_TIMER_ON:
		return "on";
	case SOCKET_TIMER_KEEPALIVE:
		return "keepalive";
	case SOCKET_TIMER_TIMEWAIT:
		return "timewait";
	case SOCKET_TIMER_PERSIST:
		return "persist";
	}
	return "unknown";
}
