// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "heap.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define ROOM (16 << 20)

/* More than the heap has free by itself (DEFAULT_TOP_PAD in glibc), so that it grows. */
#define MORE (256 << 10)

/* glibc's values, which it changes by itself only if nobody sets them. */
#define TOP_PAD	       (128 << 10)
#define TRIM_THRESHOLD (128 << 10)
#define MMAP_THRESHOLD (128 << 10)

void heap__reserve(void)
{
	char *begin = sbrk(0), *end;
	void *volatile more; /* or the compiler would see that nobody uses it */

	/* What is as large comes from the heap, too, and the heap stays as it is. */
	mallopt(M_MMAP_THRESHOLD, ROOM);
	mallopt(M_TRIM_THRESHOLD, 2 * ROOM);
	mallopt(M_TOP_PAD, ROOM);
	more = malloc(MORE);
	free(more);
	mallopt(M_TOP_PAD, TOP_PAD);
	end = sbrk(0);
	begin += -(uintptr_t)begin & (sysconf(_SC_PAGESIZE) - 1);
	if (end > begin)
		madvise(begin, end - begin, MADV_HUGEPAGE);
}

void heap__release(void)
{
	mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD);
	mallopt(M_TRIM_THRESHOLD, TRIM_THRESHOLD);
	malloc_trim(0);
}
