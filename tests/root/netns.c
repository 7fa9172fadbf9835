// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Namespaces and devices, by ioctl and netlink: a small virtual machine may have no `ip`. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/inet_diag.h>
#include <linux/mount.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/veth.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "net.h"
#include "suite.h"

static void set_flags(const char *device, bool up)
{
	struct ifreq request = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	must(fd >= 0);
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
	must(!ioctl(fd, SIOCGIFFLAGS, &request));
	request.ifr_flags = up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP;
	must(!ioctl(fd, SIOCSIFFLAGS, &request));
	close(fd);
}

void net__enter_new(void)
{
	must(!unshare(CLONE_NEWNET));
	set_flags("lo", true);
}

uint64_t net__inode(void)
{
	struct stat st;

	must(!stat("/proc/thread-self/ns/net", &st));
	return st.st_ino;
}

int net__this(void)
{
	int this = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	must(this >= 0);
	return this;
}

int net__join(pid_t pid)
{
	int left = net__this(), joined;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	joined = open(path, O_RDONLY | O_CLOEXEC);
	must(joined >= 0);
	must(!setns(joined, CLONE_NEWNET));
	close(joined);
	return left;
}

void net__return(int left)
{
	must(!setns(left, CLONE_NEWNET));
	close(left);
}

static void unname(void *path)
{
	umount2(path, MNT_DETACH);
	unlink(path);
	free(path);
}

/* As `ip netns add` does it: a file with the namespace mounted over it. */
void net__name_this(const char *name)
{
	char *path;
	int fd;

	must(!mkdir("/run/netns", 0755) || errno == EEXIST);
	must(asprintf(&path, "/run/netns/%s", name) > 0);
	fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0444);
	must(fd >= 0);
	close(fd);
	suite__defer(unname, path);
	must(!mount("/proc/thread-self/ns/net", path, "none", MS_BIND, NULL));
}

void net__sysctl(const char *name, const char *value)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	must(fd >= 0);
	must(write(fd, value, strlen(value)) == (ssize_t)strlen(value));
	close(fd);
}

/* Mounted for this process alone, at no place: what is at /sys may show another namespace. */
static int open_sysfs(void)
{
	int fs = syscall(SYS_fsopen, "sysfs", FSOPEN_CLOEXEC), mount;

	must(fs >= 0 && !syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	mount = syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	must(mount >= 0);
	close(fs);
	return mount;
}

void net__steer_packets(void)
{
	int sysfs = open_sysfs(), fd;
	char mask[32];
	int len = snprintf(mask, sizeof(mask), "%x",
			   (1u << (get_nprocs() < 31 ? get_nprocs() : 31)) - 1);

	fd = openat(sysfs, "class/net/lo/queues/rx-0/rps_cpus", O_WRONLY | O_CLOEXEC);
	must(fd >= 0 && write(fd, mask, len) == len);
	close(fd);
	close(sysfs);
}

uint64_t net__counter(const char *wanted)
{
	static char names[8192], values[8192];
	FILE *stat = fopen("/proc/self/net/netstat", "re");
	char *name_at, *value_at;

	must(stat && fgets(names, sizeof(names), stat) && fgets(values, sizeof(values), stat));
	fclose(stat);
	for (char *name = strtok_r(names, " \n", &name_at),
		  *value = strtok_r(values, " \n", &value_at);
	     name && value;
	     name = strtok_r(NULL, " \n", &name_at), value = strtok_r(NULL, " \n", &value_at))
		if (!strcmp(name, wanted))
			return strtoull(value, NULL, 10);
	must(!"the counter is there");
	return 0;
}

void net__up(const char *device, const char *ipv4)
{
	struct ifreq request = { 0 };
	struct sockaddr_in *address = (struct sockaddr_in *)&request.ifr_addr;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	must(fd >= 0);
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
	address->sin_family = AF_INET;
	must(inet_pton(AF_INET, ipv4, &address->sin_addr) == 1);
	must(!ioctl(fd, SIOCSIFADDR, &request));
	must(inet_pton(AF_INET, "255.255.255.0", &address->sin_addr) == 1);
	must(!ioctl(fd, SIOCSIFNETMASK, &request));
	close(fd);
	set_flags(device, true);
}

void net__down(const char *device)
{
	set_flags(device, false);
}

/* A netlink request under construction. */
struct request {
	struct nlmsghdr header;
	char body[512];
};

static void *append(struct request *r, size_t size)
{
	void *place = (char *)r + NLMSG_ALIGN(r->header.nlmsg_len);

	r->header.nlmsg_len = NLMSG_ALIGN(r->header.nlmsg_len) + size;
	return place;
}

/* Returns the attribute, whose length end_attr() completes if it holds others. */
static struct rtattr *add_attr(struct request *r, int type, const void *data, size_t size)
{
	struct rtattr *attr = append(r, RTA_LENGTH(size));

	attr->rta_type = type;
	attr->rta_len = RTA_LENGTH(size);
	if (size)
		memcpy(RTA_DATA(attr), data, size);
	return attr;
}

static void end_attr(struct request *r, struct rtattr *attr)
{
	attr->rta_len = (char *)r + r->header.nlmsg_len - (char *)attr;
}

/* Sends the request and returns 0 or the errno of the answer. */
static int transact(struct request *r, int protocol)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		char rest[1024];
	} answer = { 0 };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		return errno;
	r->header.nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	must(send(fd, r, r->header.nlmsg_len, 0) == (ssize_t)r->header.nlmsg_len);
	must(recv(fd, &answer, sizeof(answer), 0) > 0);
	close(fd);
	must(answer.header.nlmsg_type == NLMSG_ERROR);
	return -answer.error.error;
}

void net__veth(const char *here, const char *there, pid_t pid)
{
	struct request r = { .header = { .nlmsg_len = NLMSG_LENGTH(0),
					 .nlmsg_type = RTM_NEWLINK,
					 .nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL } };
	struct rtattr *info, *data, *peer;
	int error;

	memset(append(&r, sizeof(struct ifinfomsg)), 0, sizeof(struct ifinfomsg));
	add_attr(&r, IFLA_IFNAME, here, strlen(here) + 1);
	info = add_attr(&r, IFLA_LINKINFO, NULL, 0);
	add_attr(&r, IFLA_INFO_KIND, "veth", sizeof("veth"));
	data = add_attr(&r, IFLA_INFO_DATA, NULL, 0);
	peer = add_attr(&r, VETH_INFO_PEER, NULL, 0);
	memset(append(&r, sizeof(struct ifinfomsg)), 0, sizeof(struct ifinfomsg));
	add_attr(&r, IFLA_IFNAME, there, strlen(there) + 1);
	add_attr(&r, IFLA_NET_NS_PID, &pid, sizeof(pid));
	end_attr(&r, peer);
	end_attr(&r, data);
	end_attr(&r, info);
	error = transact(&r, NETLINK_ROUTE);
	if (error == EOPNOTSUPP)
		suite__skip("this kernel has no veth devices");
	errno = error;
	must(!error);
}

static int destroy(const struct sockaddr_in *local, const struct sockaddr_in *remote,
		   uint64_t cookie)
{
	struct request r = { .header = { .nlmsg_len = NLMSG_LENGTH(0),
					 .nlmsg_type = SOCK_DESTROY } };
	struct inet_diag_req_v2 *diag = append(&r, sizeof(*diag));

	memset(diag, 0, sizeof(*diag));
	diag->sdiag_family = AF_INET;
	diag->sdiag_protocol = IPPROTO_TCP;
	diag->id.idiag_sport = local->sin_port;
	diag->id.idiag_dport = remote->sin_port;
	diag->id.idiag_src[0] = local->sin_addr.s_addr;
	diag->id.idiag_dst[0] = remote->sin_addr.s_addr;
	diag->id.idiag_cookie[0] = cookie;
	diag->id.idiag_cookie[1] = cookie >> 32;
	return transact(&r, NETLINK_SOCK_DIAG);
}

int net__kill(int fd)
{
	struct sockaddr_in local, remote;
	socklen_t len = sizeof(local);

	must(!getsockname(fd, (struct sockaddr *)&local, &len));
	must(!getpeername(fd, (struct sockaddr *)&remote, &len));
	must(local.sin_family == AF_INET);
	return destroy(&local, &remote, net__cookie(fd));
}

int net__kill_between(uint16_t lport, uint16_t rport, uint64_t cookie)
{
	struct sockaddr_in local = { .sin_port = htons(lport),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in remote = { .sin_port = htons(rport),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	return destroy(&local, &remote, cookie);
}
