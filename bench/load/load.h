/*
 * The load generator: one thread, one epoll set, any SOCKS5 server on 127.0.0.1, or by CONNECT of HTTP. It shares nothing with the
 * product. Only loopback addresses can be reached, and every run is bounded in count and in time.
 */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The addresses 127.0.0.2 and up that clients come from, so that no port range runs out. */
#define SOURCE_ADDRESSES 32

/* The most datagrams in flight of one association, and payload bytes of one. */
#define WINDOW_MAX 64
#define DATAGRAM_MAX 8192

/* Command line, `key=value` each; 0 or NULL where it was not given. */
struct options {
	uint16_t proxy; /* port of the server under test */
	uint16_t target; /* port of the service in target.c */
	uint32_t total; /* connections, or messages */
	uint32_t at_once; /* streams in progress at one time */
	uint64_t bytes; /* of all streams together */
	bool up; /* bulk direction: client to target */
	const char *user; /* RFC 1929 when given */
	const char *password;
	bool http; /* CONNECT of HTTP in the place of SOCKS5 */
	bool associate; /* ask for UDP ASSOCIATE */
	uint32_t size; /* payload of a datagram */
	uint32_t window; /* datagrams in flight of one association */
	uint32_t seconds; /* give up after this long */
};

enum step { CLOSED, CONNECTING, GREETED, LOGGING_IN, REQUESTED, OPEN };

/* One proxied connection of ours. */
struct stream {
	int fd;
	enum step step;
	uint8_t reply[262]; /* the message of the server that is being read */
	uint16_t got;
	uint64_t started_ns; /* of the message on its way (echo) */
	uint64_t left; /* bytes still to move (bulk, echo), datagrams in flight (udp) */
};

struct load;

/* What a mode does with a stream; close_stream() and open_stream() may be called from both. */
struct mode {
	void (*opened)(struct load *, struct stream *);
	void (*ready)(struct load *, struct stream *, uint32_t events);
	void (*failed)(struct load *, struct stream *);
	void (*command)(struct load *, const char *line); /* NULL: standard input is not read */
	void (*quiet)(struct load *); /* nothing has happened for a tick; may be NULL */
};

struct load {
	const struct options *options;
	const struct mode *mode;
	struct stream *streams;
	uint32_t stream_count;
	int epoll;
	uint32_t next_address;
	uint32_t opened, finished, failed;
	const char *first_failure;
	uint64_t started_ns;
	bool done;
};

/* loop.c */
void load_init(struct load *load, const struct options *options, const struct mode *mode, uint32_t streams);
void open_stream(struct load *load, struct stream *stream);
void close_stream(struct load *load, struct stream *stream);
void fail_stream(struct load *load, struct stream *stream, const char *why);
void run_loop(struct load *load);

/* socks.c: 1 when the stream has become OPEN, 0 to wait for the next event, -1 with *why set on failure. */
int socks_advance(struct load *load, struct stream *stream, const char **why);

/* http.c: the same by HTTP. */
int http_advance(struct load *load, struct stream *stream, const char **why);

/* common.c */
uint64_t now_ns(void);
double seconds_since(uint64_t started_ns);
_Noreturn void die(const char *what);
void raise_descriptor_limit(uint32_t wanted);
void print_outcome(const struct load *load);

/* latency.c */
void expect_latencies(uint32_t most);
void record_latency(uint64_t nanoseconds);
void print_latencies(void);

/* One file each. */
void mode_connect(const struct options *options);
void mode_bulk(const struct options *options);
void mode_echo(const struct options *options);
void mode_hold(const struct options *options);
void mode_stall(const struct options *options);
void mode_udp(const struct options *options);
void mode_ready(const struct options *options, char **command);
void mode_piped(char **paths);

#endif
