/* connections.c: who is connected, and which connection a thread looks at next. A connection waits in one epoll
 * until it has something to say; only then does a thread take it. Silent and idle ones cost a descriptor, not a
 * thread, and when descriptors run out, the one idle for longest is closed. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "web/parts.h"

enum {
	CONNECTIONS_MOST = 1024,
	PARKED_MS = 100, /* no descriptor was free: when to look again                 */
	STOP_MS = 1000,  /* what had arrived when stopping began is served for so long */
};

/* epoll's word: the slot with its turn, so that an event of an earlier connection is told from a new one's. */
#define EVENT_LISTEN UINT64_MAX
#define EVENT_STOP (UINT64_MAX - 1)

struct connection {
	int fd; /* -1: free */
	uint32_t turn;
	bool is_idle, is_watched;
	int64_t since_ms;
};

struct connections {
	const struct clock *clock;
	int listen_fd, epoll_fd, stop_fd;
	_Atomic bool is_stopping, is_parked;
	pthread_mutex_t lock; /* of all below; only what has to be is done under it, for every thread passes here */
	int64_t stop_at_ms; /* set before is_stopping, for good */
	int used; /* slots below this were used */
	struct connection slots[CONNECTIONS_MOST];
};

static bool watch(struct connections *all, int how, int fd, uint32_t events, uint64_t word)
{
	struct epoll_event event = { .events = events, .data.u64 = word };

	return epoll_ctl(all->epoll_fd, how, fd, &event) == 0;
}

struct connections *connections_open(int listen_fd, const struct clock *clock, struct problem *why)
{
	struct connections *all = memory_alloc(sizeof *all);

	all->clock = clock;
	all->listen_fd = listen_fd;
	pthread_mutex_init(&all->lock, NULL);
	all->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	all->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (all->epoll_fd >= 0 && all->stop_fd >= 0 && watch(all, EPOLL_CTL_ADD, all->stop_fd, EPOLLIN, EVENT_STOP) &&
	    watch(all, EPOLL_CTL_ADD, listen_fd, EPOLLIN | EPOLLONESHOT, EVENT_LISTEN))
		return all;
	problem_set(why, "cannot wait for connections: %s", strerror(errno));
	connections_close(all);
	return NULL;
}

void connections_close(struct connections *all)
{
	for (int i = 0; i < all->used; i++)
		if (all->slots[i].fd >= 0)
			close(all->slots[i].fd);
	if (all->stop_fd >= 0)
		close(all->stop_fd);
	if (all->epoll_fd >= 0)
		close(all->epoll_fd);
	pthread_mutex_destroy(&all->lock);
	free(all);
}

/* ---- slots; the lock is held ------------------------------------------------------------------------ */

static bool evict(struct connections *all)
{
	struct connection *oldest = NULL;

	for (int i = 0; i < all->used; i++) {
		struct connection *one = &all->slots[i];

		if (one->fd >= 0 && one->is_idle && (!oldest || one->since_ms < oldest->since_ms))
			oldest = one;
	}
	if (!oldest)
		return false;
	close(oldest->fd);
	oldest->fd = -1;
	oldest->is_idle = false;
	return true;
}

static int free_slot(struct connections *all)
{
	for (int i = 0; i < all->used; i++)
		if (all->slots[i].fd < 0)
			return i;
	return all->used < CONNECTIONS_MOST ? all->used++ : -1;
}

/* Waits for the connection's next bytes. Whatever fails here closes it: it has no request under way. */
static void rest(struct connections *all, int slot)
{
	struct connection *one = &all->slots[slot];

	one->is_idle = true;
	one->since_ms = clock_steady_ms(all->clock);
	if (watch(all, one->is_watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, one->fd, EPOLLIN | EPOLLRDHUP | EPOLLONESHOT,
	          (uint64_t)one->turn << 32 | (uint32_t)slot)) {
		one->is_watched = true;
		return;
	}
	close(one->fd);
	one->fd = -1;
	one->is_idle = false;
}

static int keep(struct connections *all, int fd)
{
	int slot = free_slot(all);

	if (slot < 0 && evict(all))
		slot = free_slot(all);
	if (slot < 0)
		return -1;
	all->slots[slot] = (struct connection){ .fd = fd, .turn = all->slots[slot].turn + 1 };
	return slot;
}

/* ---- accepting -------------------------------------------------------------------------------------- */

static bool has_bytes(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* False: nothing is idle that could be closed. */
static bool make_descriptor(struct connections *all)
{
	pthread_mutex_lock(&all->lock);
	bool is_made = evict(all);

	pthread_mutex_unlock(&all->lock);
	return is_made;
}

/* One connection off the listening socket, which is watched again at once for the next thread; unless no
 * descriptor is free: then it is parked, or every thread would turn round and round on it. */
static int accept_one(struct connections *all)
{
	int yes = 1, fd = accept4(all->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	bool is_short = fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM);
	int error = errno;

	if (fd >= 0)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes); /* refused by a unix socket */
	if (is_short && !make_descriptor(all)) {
		all->is_parked = true;
		log_line(LOG_WARN, "no_descriptors", "errno=%d", error);
	} else if (!watch(all, EPOLL_CTL_MOD, all->listen_fd, EPOLLIN | EPOLLONESHOT, EVENT_LISTEN)) {
		log_die("cannot_listen_on", "errno=%d", errno);
	}
	return fd;
}

static void unpark(struct connections *all)
{
	pthread_mutex_lock(&all->lock);
	if (all->is_parked && watch(all, EPOLL_CTL_MOD, all->listen_fd, EPOLLIN | EPOLLONESHOT, EVENT_LISTEN))
		all->is_parked = false;
	pthread_mutex_unlock(&all->lock);
}

static enum turn serve_new(struct connections *all, int *slot, int *fd)
{
	*fd = accept_one(all);
	if (*fd < 0)
		return TURN_AGAIN; /* another process was faster, or the peer is gone again */
	pthread_mutex_lock(&all->lock);
	*slot = keep(all, *fd);
	pthread_mutex_unlock(&all->lock);
	if (*slot < 0) {
		close(*fd);
		return TURN_AGAIN;
	}
	/* mostly the request came with the connection: no second round through epoll then */
	if (has_bytes(*fd))
		return TURN_SERVE;
	connections_rest(all, *slot);
	return TURN_AGAIN;
}

static enum turn serve_known(struct connections *all, uint64_t word, int *slot, int *fd)
{
	uint32_t index = (uint32_t)word, turn = (uint32_t)(word >> 32);
	enum turn result = TURN_AGAIN;

	pthread_mutex_lock(&all->lock);
	struct connection *one = &all->slots[index];

	if (one->fd >= 0 && one->is_idle && one->turn == turn) {
		one->is_idle = false;
		one->turn++;
		*slot = (int)index;
		*fd = one->fd;
		result = TURN_SERVE;
	}
	pthread_mutex_unlock(&all->lock);
	return result;
}

/* ---- what threads call ------------------------------------------------------------------------------ */

/* An event that was taken and not served: watched again, or it would never come back. */
static void put_back(struct connections *all, uint64_t word)
{
	uint32_t index = (uint32_t)word;

	pthread_mutex_lock(&all->lock);
	if (word == EVENT_LISTEN) {
		if (!watch(all, EPOLL_CTL_MOD, all->listen_fd, EPOLLIN | EPOLLONESHOT, EVENT_LISTEN))
			log_die("cannot_listen_on", "errno=%d", errno);
	} else if (all->slots[index].fd >= 0 && all->slots[index].is_idle &&
	           all->slots[index].turn == (uint32_t)(word >> 32)) {
		rest(all, (int)index);
	}
	pthread_mutex_unlock(&all->lock);
}

/* One event. The stop stays ready for ever, so that every thread wakes: while stopping, two are asked for, and
 * what had arrived is found beside it. */
static enum turn next_event(struct connections *all, uint64_t *word)
{
	struct epoll_event events[2];
	bool is_stopping, is_parked, is_late, is_found = false;

	is_stopping = all->is_stopping;
	is_parked = all->is_parked;
	is_late = is_stopping && clock_steady_ms(all->clock) >= all->stop_at_ms + STOP_MS;
	if (is_late)
		return TURN_END;
	int count = epoll_wait(all->epoll_fd, events, is_stopping ? 2 : 1, is_stopping ? 0 : is_parked ? PARKED_MS : -1);

	if (is_parked)
		unpark(all);
	for (int i = 0; i < count; i++) {
		if (events[i].data.u64 == EVENT_STOP)
			continue;
		if (is_found)
			put_back(all, events[i].data.u64);
		else
			*word = events[i].data.u64;
		is_found = true;
	}
	return is_found ? TURN_SERVE : is_stopping ? TURN_END : TURN_AGAIN;
}

enum turn connections_wait(struct connections *all, int *slot, int *fd)
{
	uint64_t word = EVENT_STOP;
	enum turn turn = next_event(all, &word);

	if (turn != TURN_SERVE)
		return turn;
	return word == EVENT_LISTEN ? serve_new(all, slot, fd) : serve_known(all, word, slot, fd);
}

void connections_rest(struct connections *all, int slot)
{
	pthread_mutex_lock(&all->lock);
	rest(all, slot);
	pthread_mutex_unlock(&all->lock);
}

void connections_end(struct connections *all, int slot)
{
	pthread_mutex_lock(&all->lock);
	int fd = all->slots[slot].fd;

	all->slots[slot].fd = -1;
	pthread_mutex_unlock(&all->lock);
	close(fd); /* what epoll still says of it has an earlier turn than the slot's next connection */
}

void connections_stop(struct connections *all)
{
	uint64_t one = 1;

	all->stop_at_ms = clock_steady_ms(all->clock);
	all->is_stopping = true;
	if (write(all->stop_fd, &one, sizeof one) != sizeof one)
		log_die("cannot_stop", "errno=%d", errno);
}

bool connections_are_stopping(struct connections *all)
{
	return all->is_stopping;
}

int connections_stop_fd(const struct connections *all) { return all->stop_fd; }
