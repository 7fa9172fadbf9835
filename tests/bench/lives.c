// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * lives FILE [PAIRS [INTERVAL_NS]]: writes a log of connections that there never were, each with
 * both its sides, one after INTERVAL_NS, and each step of its life many connections later. For
 * tests that need a log, small or very large, and for measuring what reads it. It is the same each
 * time.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/log.h"
#include "probe.h"
#include "state.h"
#include "support/clock.h"

#define BOOT_TIME 1772366400000000000ull
#define START	  (100 * NS_PER_S) /* since the boot */
#define OVERLAP	  100		   /* connections that are open at once, for each step */

enum { REFUSED, UNANSWERED, RESET, ORDINARY };

/* A connection's two sides: what their transitions have in common. */
struct pair {
	struct event_transition client, server;
};

#define PAIRS (4 * OVERLAP)

struct lives {
	struct log *log;
	uint64_t now; /* CLOCK_BOOTTIME, ns */
	uint64_t interval;
	struct pair pairs[PAIRS]; /* by their number, those that are open */
};

/* A number that looks random and belongs to this one (splitmix64). */
static uint64_t random_of(uint64_t number)
{
	number = (number + 1) * 0x9e3779b97f4a7c15;
	number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
	number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
	return number ^ (number >> 31);
}

static unsigned int kind_of(uint64_t number)
{
	unsigned int percent = random_of(number) % 100;

	return percent < 3 ? REFUSED : percent < 5 ? UNANSWERED : percent < 10 ? RESET : ORDINARY;
}

static uint16_t port_of(uint64_t number)
{
	return 32768 + number % 28000;
}

static void set_address(uint8_t *address, unsigned int host)
{
	char text[INET6_ADDRSTRLEN];

	snprintf(text, sizeof(text), "::ffff:10.0.0.%u", host);
	inet_pton(AF_INET6, text, address);
}

static struct event_transition event_of(uint64_t number, bool server)
{
	static const char *const comms[] = { "curl", "wget", "a \"b\" <c>", "python3" };
	uint64_t random = random_of(~number);
	uint16_t port = kind_of(number) == REFUSED ? 81 : random % 3 ? 80 : 443;
	unsigned int host = 1 + random / 64 % 5;
	struct event_transition event = {
		.type = EVENT_TRANSITION,
		.netns = 4026531840,
		.owner_how = server ? OWNER_ACCEPTED : OWNER_SELF,
		.cookie = 2 * number + 1 + server,
		.lport = server ? port : port_of(number),
		.rport = server ? port_of(number) : port,
		.owner = { .cgroup = 1, .pid = server ? 80 : 1000 + random % 4, .uid = server },
	};

	set_address(server ? event.raddr : event.laddr, 10);
	set_address(server ? event.laddr : event.raddr, host);
	snprintf(event.owner.comm, sizeof(event.owner.comm), "%s",
		 server ? "nginx" : comms[random % 4]);
	return event;
}

/* Moves the clock, by a random while that is small in comparison with the interval. */
static uint64_t tick(struct lives *lives, uint64_t number)
{
	return lives->now += 1 + random_of(number ^ lives->now) % (lives->interval / 32);
}

static void move(struct lives *lives, struct event_transition *event, unsigned int old_state,
		 unsigned int new_state)
{
	event->time = tick(lives, event->cookie);
	event->old_state = old_state;
	event->new_state = new_state;
	if (!event->born)
		event->born = event->time;
	log__transition(lives->log, event, "/lives");
	event->since = event->time;
}

static void stand_in(struct lives *lives, const struct event_transition *of, unsigned int phase,
		     unsigned int state, unsigned int flags)
{
	struct event_standin standin = {
		.type = EVENT_STANDIN,
		.phase = phase,
		.state = state,
		.flags = flags,
		.owner_how = of->owner_how,
		.netns = of->netns,
		.lport = of->lport,
		.rport = of->rport,
		.time = tick(lives, of->cookie),
		.cookie = of->cookie,
		.owner = of->owner,
	};

	memcpy(standin.laddr, of->laddr, sizeof(standin.laddr));
	memcpy(standin.raddr, of->raddr, sizeof(standin.raddr));
	log__standin(lives->log, &standin, "/lives");
}

/* The last transition, with what the connection carried. */
static void end(struct lives *lives, struct event_transition *event, unsigned int old_state,
		unsigned int error, unsigned int flags)
{
	uint64_t random = random_of(event->cookie);

	event->error = error;
	event->flags = flags;
	event->bytes_sent = random % 100000;
	event->bytes_received = random / 100000 % 1000000;
	event->retransmits = random % 50 == 0;
	event->rtt_us = 20 + random % 1000;
	move(lives, event, old_state, TCP_CLOSE);
}

static void syn(struct lives *lives, struct pair *pair, uint64_t number)
{
	uint16_t port;

	*pair = (struct pair){ event_of(number, false), event_of(number, true) };
	port = pair->client.lport;
	pair->client.lport = 0;
	move(lives, &pair->client, TCP_CLOSE, TCP_SYN_SENT);
	pair->client.lport = port;
	if (kind_of(number) != REFUSED)
		stand_in(lives, &pair->server, STANDIN_ALIVE, TCP_NEW_SYN_RECV, 0);
}

static void handshake(struct lives *lives, struct pair *pair, uint64_t number)
{
	if (kind_of(number) == REFUSED) {
		end(lives, &pair->client, TCP_SYN_SENT, ECONNREFUSED, 0);
		return;
	}
	if (kind_of(number) == UNANSWERED) {
		end(lives, &pair->client, TCP_SYN_SENT, ETIMEDOUT, 0);
		stand_in(lives, &pair->server, STANDIN_EXPIRED, TCP_NEW_SYN_RECV, STANDIN_FINAL);
		return;
	}
	move(lives, &pair->client, TCP_SYN_SENT, TCP_ESTABLISHED);
	move(lives, &pair->server, TCP_LISTEN, TCP_SYN_RECV);
	stand_in(lives, &pair->server, STANDIN_STOPPED, TCP_NEW_SYN_RECV, STANDIN_FINAL);
	move(lives, &pair->server, TCP_SYN_RECV, TCP_ESTABLISHED);
}

static void fin(struct lives *lives, struct pair *pair, uint64_t number)
{
	if (kind_of(number) == RESET) {
		end(lives, &pair->client, TCP_ESTABLISHED, 0, 0);
		end(lives, &pair->server, TCP_ESTABLISHED, ECONNRESET, 0);
	} else if (kind_of(number) == ORDINARY) {
		move(lives, &pair->client, TCP_ESTABLISHED, TCP_FIN_WAIT1);
		move(lives, &pair->server, TCP_ESTABLISHED, TCP_CLOSE_WAIT);
		move(lives, &pair->client, TCP_FIN_WAIT1, TCP_FIN_WAIT2);
	}
}

static void last_ack(struct lives *lives, struct pair *pair, uint64_t number)
{
	if (kind_of(number) != ORDINARY)
		return;
	move(lives, &pair->server, TCP_CLOSE_WAIT, TCP_LAST_ACK);
	stand_in(lives, &pair->client, STANDIN_ALIVE, TCP_TIME_WAIT, 0);
	end(lives, &pair->client, TCP_FIN_WAIT2, 0, EVENT_ENTERS_TIME_WAIT);
	end(lives, &pair->server, TCP_LAST_ACK, 0, EVENT_FIN_ACKED);
}

/* A minute later. */
static void time_wait(struct lives *lives, uint64_t number)
{
	struct event_transition client = event_of(number, false);

	if (kind_of(number) == ORDINARY)
		stand_in(lives, &client, STANDIN_EXPIRED, TCP_TIME_WAIT, STANDIN_FINAL);
}

/* Each step is that of a connection that began OVERLAP connections before the last step's. */
static void live(struct lives *lives, uint64_t pairs)
{
	static void (*const steps[])(struct lives * lives, struct pair * pair, uint64_t number) = {
		syn,
		handshake,
		fin,
		last_ack,
	};
	uint64_t minute = 60 * NS_PER_S / lives->interval;

	for (uint64_t i = 0; i < pairs; i++) {
		lives->now = START + i * lives->interval;
		for (unsigned int step = 0; step < 4 && i >= step * OVERLAP; step++)
			steps[step](lives, &lives->pairs[(i - step * OVERLAP) % PAIRS],
				    i - step * OVERLAP);
		if (i >= minute)
			time_wait(lives, i - minute);
		if (i % 100 == 0)
			log__settle(lives->log, lives->now, false);
	}
	log__settle(lives->log, lives->now, true);
}

int main(int argc, char **argv)
{
	static const struct probe probes[] = { { .name = "transition", .status = "on" }, {} };
	struct log_head head = {
		.version = "1.2.3",
		.hostname = "host",
		.kernel = "6.12.0",
		.boot_id = "00000000-0000-0000-0000-000000000000",
		.time = BOOT_TIME + START,
		.boot_time = BOOT_TIME,
		.started = START,
		.capture = 1,
		.probes = probes,
	};
	struct destination_options options = { .force = true, .stop_fd = -1 };
	struct lives lives = { .interval = argc > 3 ? strtoull(argv[3], NULL, 10) : 250000 };
	int status = 1;

	if (argc < 2 || argc > 4 || lives.interval < 32) {
		fprintf(stderr, "lives FILE [PAIRS [INTERVAL_NS]]\n");
		return 2;
	}
	options.path = argv[1];
	if (!log__open(&options, &lives.log) && !log__begin(lives.log, &head)) {
		log__boot_time(lives.log, BOOT_TIME);
		log__timewait(lives.log, 0);
		live(&lives, argc > 2 ? strtoull(argv[2], NULL, 10) : 1000);
		status = log__flush(lives.log) ? 1 : 0;
	}
	log__free(lives.log);
	return status;
}
