// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "wire.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "net.h"
#include "suite.h"

#define PATIENCE_MS 10000
#define MAX_PACKET  2048
#define FIRST_SEQ   1000
#define WINDOW	    65000

struct packet {
	struct iphdr ip;
	union {
		struct tcphdr tcp;
		struct icmphdr icmp;
	};
	char rest[MAX_PACKET];
} __attribute__((packed, aligned(4)));

struct wire wire__open(void)
{
	struct wire wire = { .tun = open("/dev/net/tun", O_RDWR | O_CLOEXEC),
			     .peer = inet_addr(WIRE_PEER),
			     .seq = FIRST_SEQ };
	struct ifreq request = { .ifr_name = "tun0", .ifr_flags = IFF_TUN | IFF_NO_PI };

	if (wire.tun < 0)
		suite__skip("no TUN device: %s", strerror(errno));
	must(!ioctl(wire.tun, TUNSETIFF, &request));
	net__up("tun0", WIRE_HOST);
	return wire;
}

/* Reads packets until one is TCP over IPv4: an interface that comes up says more than that. */
static void read_packet(struct wire *wire, struct packet *packet)
{
	struct pollfd readable = { wire->tun, POLLIN, 0 };

	do {
		must(poll(&readable, 1, PATIENCE_MS) == 1);
		must(read(wire->tun, packet, sizeof(*packet)) > 0);
	} while (packet->ip.version != 4 || packet->ip.protocol != IPPROTO_TCP);
}

static struct segment next_segment(struct wire *wire)
{
	struct packet packet;

	read_packet(wire, &packet);
	wire->host_port = ntohs(packet.tcp.source);
	wire->peer_port = ntohs(packet.tcp.dest);
	return (struct segment){
		.flags = ((uint8_t *)&packet.tcp)[13] & ~PSH,
		.seq = ntohl(packet.tcp.seq),
		.ack = ntohl(packet.tcp.ack_seq),
		.payload = ntohs(packet.ip.tot_len) - packet.ip.ihl * 4 - packet.tcp.doff * 4,
	};
}

struct segment wire__expect(struct wire *wire, uint8_t flags)
{
	struct segment s;

	do
		s = next_segment(wire);
	while (flags != ACK && s.flags == ACK && !s.payload);
	if (s.flags != flags)
		suite__diag("segment with flags %#x instead of %#x", s.flags, flags);
	must(s.flags == flags);
	wire->ack = s.seq + s.payload + !!(flags & SYN) + !!(flags & FIN);
	return s;
}

/* The Internet checksum of an even number of bytes, continued from `sum`. */
static uint32_t add_up(const void *data, size_t size, uint32_t sum)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < size; i += 2)
		sum += p[i] << 8 | p[i + 1];
	return sum;
}

static uint16_t folded(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

static void write_packet(struct wire *wire, struct packet *packet, uint8_t protocol, size_t size)
{
	packet->ip.version = 4;
	packet->ip.ihl = 5;
	packet->ip.ttl = 64;
	packet->ip.protocol = protocol;
	packet->ip.tot_len = htons(sizeof(packet->ip) + size);
	packet->ip.saddr = wire->peer;
	packet->ip.daddr = inet_addr(WIRE_HOST);
	packet->ip.check = folded(add_up(&packet->ip, sizeof(packet->ip), 0));
	size += sizeof(packet->ip);
	must(write(wire->tun, packet, size) == (ssize_t)size);
}

void wire__drain(struct wire *wire)
{
	struct pollfd readable = { wire->tun, POLLIN, 0 };
	struct packet packet;

	while (poll(&readable, 1, 0) == 1)
		must(read(wire->tun, &packet, sizeof(packet)) > 0);
}

void wire__send_ack(struct wire *wire, uint8_t flags, uint32_t payload, uint32_t ack)
{
	struct packet packet = { 0 };
	size_t size = sizeof(packet.tcp) + payload;
	uint32_t sum = IPPROTO_TCP + size;

	must(payload % 2 == 0 && payload < MAX_PACKET);
	packet.tcp.source = htons(wire->peer_port);
	packet.tcp.dest = htons(wire->host_port);
	packet.tcp.seq = htonl(wire->seq);
	packet.tcp.ack_seq = htonl(flags & ACK ? ack : 0);
	packet.tcp.doff = sizeof(packet.tcp) / 4;
	packet.tcp.window = htons(WINDOW);
	((uint8_t *)&packet.tcp)[13] = flags;
	/* The pseudo header: addresses, protocol, length. */
	sum = add_up(&(uint32_t[]){ wire->peer, inet_addr(WIRE_HOST) }, 8, sum);
	packet.tcp.check = folded(add_up(&packet.tcp, size, sum));
	write_packet(wire, &packet, IPPROTO_TCP, size);
	wire->seq += payload + !!(flags & SYN) + !!(flags & FIN);
}

void wire__send(struct wire *wire, uint8_t flags, uint32_t payload)
{
	wire__send_ack(wire, flags, payload, wire->ack);
}

void wire__send_unreachable(struct wire *wire, uint8_t code)
{
	struct packet packet = { .icmp = { .type = ICMP_DEST_UNREACH, .code = code } };
	struct {
		struct iphdr ip;
		uint16_t source, dest;
		uint32_t seq;
	} *quoted = (void *)(&packet.icmp + 1);
	size_t size = sizeof(packet.icmp) + sizeof(*quoted);

	quoted->ip = (struct iphdr){ .version = 4,
				     .ihl = 5,
				     .ttl = 64,
				     .protocol = IPPROTO_TCP,
				     .tot_len = htons(sizeof(struct iphdr) + sizeof(struct tcphdr)),
				     .saddr = inet_addr(WIRE_HOST),
				     .daddr = inet_addr(WIRE_PEER) };
	quoted->source = htons(wire->host_port);
	quoted->dest = htons(wire->peer_port);
	quoted->seq = htonl(wire->ack - 1);
	packet.icmp.checksum = folded(add_up(&packet.icmp, size, 0));
	write_packet(wire, &packet, IPPROTO_ICMP, size);
}

int wire__connected(struct wire *wire, uint16_t port)
{
	int fd = net__socket(AF_INET);

	net__nonblocking(fd);
	must(net__try_connect(fd, WIRE_PEER, port) == EINPROGRESS);
	wire__expect(wire, SYN);
	wire__send(wire, SYN | ACK, 0);
	wire__expect(wire, ACK);
	net__wait_state(fd, TCP_ESTABLISHED);
	must(!fcntl(fd, F_SETFL, 0));
	return fd;
}

void wire__half_open(struct wire *wire, uint16_t host_port, uint16_t peer_port)
{
	wire->host_port = host_port;
	wire->peer_port = peer_port;
	wire__send(wire, SYN, 0);
	wire__expect(wire, SYN | ACK);
}
