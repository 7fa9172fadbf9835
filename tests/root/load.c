// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "load.h"

#include <arpa/inet.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "net.h"
#include "suite.h"

/* As many before the next address: fewer than there are ephemeral ports, which TIME_WAIT holds. */
#define PER_ADDRESS 8000
#define QUIT	    'q'

/* One connection in so many is reset. */
#define RESET_EVERY 8

/* From CLOSE to ESTABLISHED and back at one end, from LISTEN at the other. */
#define OF_CLOSED   10
#define OF_RESET    6
#define OF_LISTENER 2

struct job {
	unsigned int number; /* of the client, from 0 */
	uint64_t connections;
	volatile uint64_t *stop;
};

/* Client `number` uses 127.(number + 1).0.0/16 and a port of its own. */
static int connect_nth(const struct job *job, uint64_t nth)
{
	char address[32];

	snprintf(address, sizeof(address), "127.%u.%u.1", job->number + 1,
		 (unsigned int)(nth / PER_ADDRESS % 250));
	return net__connect(address, LOAD_PORT + job->number);
}

static void be_client(const struct peer *parent, const void *arg)
{
	const struct job *job = arg;
	uint64_t i;
	int fd;

	peer__hear(parent);
	for (i = 0; i < job->connections && !*job->stop; i++) {
		fd = connect_nth(job, i);
		if ((i + 1) % RESET_EVERY == 0)
			net__close_by_reset(fd);
		else
			close(fd);
	}
	fd = connect_nth(job, i);
	must(send(fd, &(char){ QUIT }, 1, MSG_NOSIGNAL) == 1);
	close(fd);
	peer__tell(parent, i);
}

static void be_server(const struct peer *parent, const void *arg)
{
	const struct job *job = arg;
	int listener = net__listen("0.0.0.0", LOAD_PORT + job->number), fd;
	struct timeval patience = { suite__patience(10), 0 };
	char byte = 0;

	peer__tell(parent, 0);
	while (byte != QUIT) {
		fd = net__accept(listener);
		/* A reset is lost if others have filled the CPU's queue, enqueue_to_backlog(). */
		must(!setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)));
		while (recv(fd, &byte, 1, 0) > 0)
			;
		close(fd);
	}
}

struct load load__start(uint64_t connections)
{
	struct load load;
	void *shared = mmap(NULL, sizeof(*load.stop), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	must(shared != MAP_FAILED);
	load.stop = shared;
	for (unsigned int i = 0; i < LOAD_CLIENTS; i++) {
		struct job job = { i, connections, load.stop };

		load.server[i] = peer__start("load-server", be_server, &job);
		peer__hear(&load.server[i]);
		load.client[i] = peer__start("load-client", be_client, &job);
	}
	for (unsigned int i = 0; i < LOAD_CLIENTS; i++)
		peer__tell(&load.client[i], 0);
	return load;
}

uint64_t load__transitions(uint64_t connections)
{
	uint64_t reset = connections / RESET_EVERY, closed = connections + 1 - reset;

	return LOAD_CLIENTS * (closed * OF_CLOSED + reset * OF_RESET + OF_LISTENER);
}

uint64_t load__uncalled(uint64_t connections, uint64_t counted)
{
	uint64_t made = load__transitions(connections);

	return made > counted ? made - counted : 0;
}

void load__finish(struct load *load)
{
	for (unsigned int i = 0; i < LOAD_CLIENTS; i++) {
		peer__end(&load->client[i]);
		peer__end(&load->server[i]);
	}
	munmap((void *)load->stop, sizeof(*load->stop));
	net__settle();
}
