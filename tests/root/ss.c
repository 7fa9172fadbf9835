// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "ss.h"

#include <netinet/tcp.h>
#include <string.h>

int ss__state(const char *line)
{
	static const char *const names[] = {
		[TCP_ESTABLISHED] = "ESTAB",	[TCP_SYN_SENT] = "SYN-SENT",
		[TCP_SYN_RECV] = "SYN-RECV",	[TCP_FIN_WAIT1] = "FIN-WAIT-1",
		[TCP_FIN_WAIT2] = "FIN-WAIT-2", [TCP_TIME_WAIT] = "TIME-WAIT",
		[TCP_CLOSE] = "UNCONN",		[TCP_CLOSE_WAIT] = "CLOSE-WAIT",
		[TCP_LAST_ACK] = "LAST-ACK",	[TCP_LISTEN] = "LISTEN",
		[TCP_CLOSING] = "CLOSING",
	};
	size_t len = strcspn(line, " ");

	for (int state = TCP_ESTABLISHED; state <= TCP_CLOSING; state++)
		if (!strncmp(line, names[state], len) && !names[state][len])
			return state;
	return 0;
}
