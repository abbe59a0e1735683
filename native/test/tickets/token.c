/* See token.h. ASN.1 of RFC 4120 in DER; what is encrypted is junk. */
#include "token.h"

#include <stdio.h>
#include <string.h>

#define AES256 18

/* Puts a head before what stands at `bytes`; gives the whole length. */
static size_t wrap(uint8_t *bytes, size_t length, uint8_t tag)
{
	const bool is_long = length >= 0x80;
	const uint8_t head[4] = { tag, is_long ? 0x82 : (uint8_t)length, (uint8_t)(length >> 8), (uint8_t)length };
	const size_t size = is_long ? 4 : 2;

	memmove(bytes + size, bytes, length);
	memcpy(bytes, head, size);
	return size + length;
}

static size_t put_integer(uint8_t *at, int field, int value)
{
	const uint8_t bytes[] = { (uint8_t)(0xa0 | field), 3, 2, 1, (uint8_t)value };

	memcpy(at, bytes, sizeof bytes);
	return sizeof bytes;
}

static size_t put_text(uint8_t *at, const char *text)
{
	memcpy(at, text, strlen(text));
	return wrap(at, strlen(text), 0x1b);
}

static size_t put_encrypted(uint8_t *at, int field, size_t size)
{
	size_t length = put_integer(at, 0, AES256) + put_integer(at + 5, 1, 2);

	for (size_t byte = 0; byte < size; byte++)
		at[length + byte] = (uint8_t)(byte * 37);
	length += wrap(at + length, wrap(at + length, size, 0x04), 0xa2);
	return wrap(at, wrap(at, length, 0x30), (uint8_t)(0xa0 | field));
}

static size_t put_service(uint8_t *at)
{
	size_t length = put_integer(at, 0, 3), names = put_text(at + length, "rcmd");

	names += put_text(at + length + names, "localhost");
	length += wrap(at + length, wrap(at + length, names, 0x30), 0xa1);
	return wrap(at, wrap(at, length, 0x30), 0xa2);
}

static size_t put_ticket(uint8_t *at)
{
	size_t length = put_integer(at, 0, 5), realm = put_text(at + length, "PICO.TEST");

	length += wrap(at + length, realm, 0xa1);
	length += put_service(at + length);
	length += put_encrypted(at + length, 3, 200);
	return wrap(at, wrap(at, wrap(at, length, 0x30), 0x61), 0xa3);
}

size_t token_make(uint8_t *bytes)
{
	/* The object identifier of Kerberos (RFC 4121), and "this is an AP-REQ" */
	static const uint8_t mechanism[] = { 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2, 1, 0 };
	static const uint8_t mutual[] = { 0xa2, 7, 3, 5, 0, 0x20, 0, 0, 0 };
	uint8_t *request = bytes + sizeof mechanism;
	size_t length = put_integer(request, 0, 5);

	memcpy(bytes, mechanism, sizeof mechanism);
	length += put_integer(request + length, 1, 14);
	memcpy(request + length, mutual, sizeof mutual);
	length += sizeof mutual;
	length += put_ticket(request + length);
	length += put_encrypted(request + length, 4, 150);
	length = wrap(request, wrap(request, length, 0x30), 0x6e);
	return wrap(bytes, sizeof mechanism + length, 0x60);
}

bool keytab_write(const char *path)
{
	static const char entry[] = "\0\2\0\x09PICO.TEST\0\4rcmd\0\x09localhost\0\0\0\1\0\0\0\0\2\0\x12\0\x20"
				    "a key of thirty-two bytes, no more";
	/* The key ends without the NUL of C, and with its 32nd byte. */
	const size_t size = sizeof entry - 1 - 2;
	FILE *file = fopen(path, "wb");
	bool is_written = file != NULL && fwrite("\5\2\0\0\0", 1, 5, file) == 5 && fputc((int)size, file) != EOF &&
			  fwrite(entry, 1, size, file) == size;

	return file != NULL && fclose(file) == 0 && is_written;
}
