/*
 * The part of MIT Kerberos that accepts tickets, opened at run time: nothing links to it, and a host without it only lacks this
 * program. Declarations are those of gssapi.h and gssapi_krb5.h, whose binary interface has been the same since 2004.
 */
#ifndef TICKETS_KERBEROS_H
#define TICKETS_KERBEROS_H

#include <stddef.h>
#include <stdint.h>

/* The longest token, as RFC 1961 has it. */
#define MAX_TOKEN 65535u
#define MAX_NAME 1024u
#define MAX_KEY 64u
/* status, fields, key, name, token */
#define MAX_ANSWER (1u + 4 + 4 + 1 + 8 + 8 + 2 + MAX_KEY + 2 + MAX_NAME + MAX_TOKEN)

enum answer_status {
	ANSWER_ACCEPTED = 0,
	/* the client's fault; the rest of the answer is a text */
	ANSWER_REFUSED = 1,
	/* ours */
	ANSWER_FAILED = 2,
	/* no answer to a token: none is read for some seconds, whose number follows in 32 bits */
	ANSWER_PAUSES = 3,
};

/* Opens the library and reads all keys of `keytab` into memory. NULL, or what is wrong, for a person. */
const char *kerberos_open(const char *keytab);

/* Accepts one token. Writes the result to `answer`, which has room for MAX_ANSWER bytes; returns its length. */
size_t kerberos_accept(const uint8_t *token, size_t length, uint8_t *answer);

#endif
