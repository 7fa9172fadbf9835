// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "scene.h"

#include <netinet/tcp.h>
#include <unistd.h>

#include "suite.h"

/* Takes connections from its parent's listener, reads a byte of each, and closes it. */
static void work(const struct peer *parent, const void *arg)
{
	const int *listener = arg;

	while (peer__hear(parent)) {
		int fd = net__accept(*listener);

		net__recv(fd, 1);
		peer__tell(parent, net__cookie(fd));
		close(fd);
	}
}

static void accepted_by_worker(struct scene *scene)
{
	int fd = net__connect("127.0.0.1", SCENE_PORT);

	net__send(fd, 1);
	peer__ask(&scene->worker, 1);
	net__wait_state(fd, TCP_CLOSE_WAIT);
	suite__nap_us(150000);
	close(fd);
}

static void closed_in_order(const char *address, uint16_t port)
{
	struct pair p = net__pair_at(address, port);

	net__close_in_order(&p);
}

/* An IPv6 socket that talks IPv4, to a listener of both. */
static void mapped(void)
{
	int listener = net__listen("::", SCENE_PORT + 3);
	int client = net__connect("::ffff:127.0.0.1", SCENE_PORT + 3),
	    server = net__accept(listener);

	close(server);
	net__wait_state(client, TCP_CLOSE_WAIT);
	close(client);
	close(listener);
}

static void refused(void)
{
	int fd = net__socket(AF_INET);

	must(net__try_connect(fd, "127.0.0.1", SCENE_PORT + 4) == ECONNREFUSED);
	close(fd);
	fd = net__socket(AF_INET6);
	net__bind(fd, "::1", 20001);
	must(net__try_connect(fd, "::1", SCENE_PORT + 1) == ECONNREFUSED);
	close(fd);
}

/* The same socket to one port, then to another. */
static void connected_again(void)
{
	int one = net__listen("127.0.0.1", SCENE_PORT + 5),
	    two = net__listen("127.0.0.1", SCENE_PORT + 6);
	int fd = net__socket(AF_INET);

	must(!net__try_connect(fd, "127.0.0.1", SCENE_PORT + 5));
	net__disconnect(fd);
	must(!net__try_connect(fd, "127.0.0.1", SCENE_PORT + 6));
	net__disconnect(fd);
	must(!net__try_connect(fd, "127.0.0.1", SCENE_PORT + 5));
	close(fd);
	close(one);
	close(two);
}

/* listen() chooses the port, and has a child later. */
static void without_bind(void)
{
	int listener = net__socket(AF_INET), fd;

	must(!listen(listener, 1));
	fd = net__connect("127.0.0.1", net__port(listener));
	net__close_by_reset(fd);
	close(listener);
}

/* A socket closed on one side only, for as long as tcp_fin_timeout says; and a TIME_WAIT killed. */
static void stand_ins(void)
{
	struct pair orphan = net__pair_at("127.0.0.1", SCENE_PORT + 7);
	struct pair killed = { .listener = net__listen("127.0.0.1", SCENE_PORT + 8) };
	uint64_t cookie;

	/* From a port of its own: others in TIME_WAIT may have any that is chosen. */
	killed.client = net__connect_from("127.0.0.1", SCENE_PORT + 90, "127.0.0.1",
					  SCENE_PORT + 8);
	killed.server = net__accept(killed.listener);
	cookie = net__cookie(killed.client);
	close(orphan.client);
	net__close_in_order(&killed);
	net__wait_count(SCENE_PORT + 90, TCP_TIME_WAIT, 1);
	net__kill_between(SCENE_PORT + 90, SCENE_PORT + 8, cookie);
	net__wait_state(orphan.server, TCP_CLOSE_WAIT);
	suite__nap_us(1600000);
	close(orphan.server);
	close(orphan.listener);
}

/* One request is completed, one is not. */
static void half_open(struct scene *scene)
{
	struct wire *wire = &scene->wire;
	int listener = net__listen(WIRE_HOST, SCENE_PORT + 9), fd;

	wire__half_open(wire, SCENE_PORT + 9, 40000);
	suite__nap_us(150000);
	wire__send(wire, ACK, 0);
	fd = net__accept(listener);
	net__close_by_reset(fd);
	wire__expect(wire, RST | ACK);
	wire__half_open(wire, SCENE_PORT + 9, 40001);
	wire__send(wire, RST, 0);
	close(listener);
}

struct scene scene__set(bool wired)
{
	struct scene scene = {};

	if (wired)
		scene.wire = wire__open();
	net__sysctl("ipv4/tcp_fin_timeout", "1");
	net__sysctl("ipv4/ip_local_port_range", "32000 32999");
	scene.listener = net__listen("127.0.0.1", SCENE_PORT);
	/* It must not have what it is not to close. */
	scene.worker = peer__start("worker", work, &scene.listener);
	scene.early = net__pair_at("127.0.0.1", SCENE_PORT + 2);
	return scene;
}

void scene__play(struct scene *scene)
{
	scene->begun = suite__wall();
	accepted_by_worker(scene);
	closed_in_order("127.0.0.1", SCENE_PORT + 1);
	closed_in_order("::1", SCENE_PORT + 1);
	mapped();
	refused();
	connected_again();
	without_bind();
	if (scene->wire.tun)
		half_open(scene);
	stand_ins();
	net__close_in_order(&scene->early);
	close(scene->listener);
	peer__tell(&scene->worker, 0);
	peer__end(&scene->worker);
	net__settle();
	/* What has ended shows when its timer has not been started again. */
	suite__nap_us(200000);
}
