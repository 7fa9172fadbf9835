/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Files that the caller has named, with the caller's rights: whoever has given this program more of
 * them, by set-user-ID, has not done so for these.
 */
#ifndef TCPFLUX_CALLER_H
#define TCPFLUX_CALLER_H

/* As open(2), for the caller alone if it is made, and closed by exec; a descriptor or -errno. */
int caller__open(const char *path, int flags);

/* As unlink(2). 0 or a negative errno. */
int caller__unlink(const char *path);

#endif
