/* A keytab, and tokens as a client of Kerberos sends them, whose tickets are junk in the right form. */
#ifndef PICOSOCKS5_TOKEN_H
#define PICOSOCKS5_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOKEN_ROOM 1024

/* Has `bytes` of TOKEN_ROOM; gives the length. */
size_t token_make(uint8_t *bytes);

/* A keytab with a key for rcmd/localhost@PICO.TEST, for which the ticket of the token is. */
bool keytab_write(const char *path);

#endif
