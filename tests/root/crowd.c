// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "crowd.h"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "numbers.h"
#include "suite.h"

#define TIME_WAITS 30
#define HALF_OPEN  5
#define PORT	   7300

static void leave_time_wait(const char *address)
{
	struct pair p = net__pair(address);

	net__close_in_order(&p);
}

/* The peer is a TUN device that acknowledges nothing any more. */
static void open_on_wire(struct crowd *crowd)
{
	struct wire *wire = &crowd->wire;
	int fd;

	fd = wire__connected(wire, 80); /* FIN_WAIT1 */
	close(fd);
	wire__expect(wire, FIN | ACK);
	fd = wire__connected(wire, 81); /* LAST_ACK */
	wire__send(wire, FIN | ACK, 0);
	net__wait_state(fd, TCP_CLOSE_WAIT);
	close(fd);
	wire__expect(wire, FIN | ACK);
	crowd->closing = wire__connected(wire, 82);
	must(!shutdown(crowd->closing, SHUT_WR));
	wire__expect(wire, FIN | ACK);
	wire__send_ack(wire, FIN | ACK, 0, wire->ack - 1);
	net__wait_state(crowd->closing, TCP_CLOSING);
	crowd->syn_sent = net__socket(AF_INET);
	net__nonblocking(crowd->syn_sent);
	must(net__try_connect(crowd->syn_sent, WIRE_PEER, 83) == EINPROGRESS);
	wire__drain(wire);
	for (int i = 0; i < HALF_OPEN; i++)
		wire__half_open(wire, PORT, 40000 + i);
}

void crowd__open(struct crowd *crowd)
{
	for (int i = 1; i < CROWD_LISTENERS; i++)
		crowd->listener[i] = net__listen(i % 2 ? "127.0.0.1" : "::1", PORT + i);
	for (int i = 0; i < CROWD_PAIRS; i++) {
		crowd->pair[i] = net__pair(i % 2 ? "127.0.0.1" : "::1");
		close(crowd->pair[i].listener);
	}
	for (int i = 0; i < TIME_WAITS; i++)
		leave_time_wait(i % 2 ? "127.0.0.1" : "::1");
	crowd->half_closed = net__pair("127.0.0.1");
	must(!shutdown(crowd->half_closed.client, SHUT_WR));
	net__wait_state(crowd->half_closed.client, TCP_FIN_WAIT2);
	crowd->orphaned = net__pair("127.0.0.1");
	close(crowd->orphaned.client);
	/* The ACK may be delayed. */
	net__wait_count(crowd->orphaned.client_port, TCP_FIN_WAIT2, 1);
}

void crowd__open_on_wire(struct crowd *crowd)
{
	crowd->wire = wire__open();
	crowd->listener[0] = net__listen(WIRE_HOST, PORT);
	open_on_wire(crowd);
}

void crowd__must_be_there(void)
{
	struct numbers there = numbers__walked();

	for (int state = 1; state < NUMBERS_STATES; state++)
		must(there.state[state] || state == TCP_CLOSE);
	must(there.state[TCP_FIN_WAIT2] == 2 && there.state[TCP_CLOSE_WAIT] == 2);
	must(there.state[TCP_SYN_RECV] == HALF_OPEN);
}

void crowd__close(struct crowd *crowd)
{
	close(crowd->half_closed.server);
	close(crowd->orphaned.server);
	close(crowd->half_closed.client);
	for (int i = 0; i < CROWD_PAIRS; i++) {
		close(crowd->pair[i].client);
		close(crowd->pair[i].server);
	}
	/* The first one has half-open connections. */
	for (int i = 0; i < CROWD_LISTENERS; i += 2)
		close(crowd->listener[i]);
	close(crowd->half_closed.listener);
	close(crowd->orphaned.listener);
	close(crowd->syn_sent);
	close(crowd->closing);
}
