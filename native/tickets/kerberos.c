/* See kerberos.h. */
#include "kerberos.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "answer.h"

#define LIBRARY "libgssapi_krb5.so.2"
#define KEYS_IN_MEMORY "MEMORY:picosocks5"

struct gss_buffer {
	size_t length;
	void *value;
};

struct lucid_key {
	uint32_t type;
	uint32_t length;
	void *data;
};

/* gss_krb5_lucid_context_v1_t */
struct lucid_context {
	uint32_t version;
	uint32_t initiate;
	uint32_t endtime;
	uint64_t send_sequence;
	uint64_t receive_sequence;
	/* 0: RFC 1964, 1: RFC 4121 */
	uint32_t protocol;
	struct {
		uint32_t sign_algorithm;
		uint32_t seal_algorithm;
		struct lucid_key key;
	} old;
	struct {
		uint32_t has_acceptor_subkey;
		struct lucid_key key;
		struct lucid_key acceptor_subkey;
	} cfx;
};

#define GSS_S_COMPLETE 0u
#define GSS_S_CONTINUE_NEEDED 1u
#define GSS_C_MECH_CODE 2
#define GSS_C_GSS_CODE 1

/* Failures of the replay cache (krb5.h), and those that the system has named. */
#define FIRST_CACHE_FAILURE (-1765328225)
#define LAST_CACHE_FAILURE (-1765328212)
#define CACHE_FAILURE_REPLAY (-1765328221)
#define LAST_SYSTEM_ERROR 4095
/* KRB5_KT_END */
#define KEYTAB_END (-1765328202)

typedef uint32_t gss_status;

static struct {
	gss_status (*accept)(uint32_t *, void **, void *, struct gss_buffer *, void *, void **, void **, struct gss_buffer *,
	                     uint32_t *, uint32_t *, void **);
	gss_status (*display_name)(uint32_t *, void *, struct gss_buffer *, void **);
	gss_status (*display_status)(uint32_t *, uint32_t, int, void *, uint32_t *, struct gss_buffer *);
	gss_status (*export_lucid)(uint32_t *, void **, uint32_t, void **);
	gss_status (*import_cred)(uint32_t *, void *, void *, void *, void **);
	int32_t (*init_context)(void **);
	int32_t (*kt_resolve)(void *, const char *, void **);
	int32_t (*kt_start)(void *, void *, void **);
	int32_t (*kt_next)(void *, void *, void *, void **);
	int32_t (*kt_end)(void *, void *, void **);
	int32_t (*kt_add)(void *, void *, void *);
	const char *(*error_message)(void *, int32_t);
} calls;

static const struct {
	const char *name;
	void **call;
} symbols[] = {
	{ "gss_accept_sec_context", (void **)&calls.accept },
	{ "gss_display_name", (void **)&calls.display_name },
	{ "gss_display_status", (void **)&calls.display_status },
	{ "gss_krb5_export_lucid_sec_context", (void **)&calls.export_lucid },
	{ "gss_krb5_import_cred", (void **)&calls.import_cred },
	{ "krb5_init_context", (void **)&calls.init_context },
	{ "krb5_kt_resolve", (void **)&calls.kt_resolve },
	{ "krb5_kt_start_seq_get", (void **)&calls.kt_start },
	{ "krb5_kt_next_entry", (void **)&calls.kt_next },
	{ "krb5_kt_end_seq_get", (void **)&calls.kt_end },
	{ "krb5_kt_add_entry", (void **)&calls.kt_add },
	{ "krb5_get_error_message", (void **)&calls.error_message },
};

/* A credential of the Kerberos mechanism alone, so that no other mechanism reads a token. */
static void *credential;

static const char *explain(void *context, const char *doing, int32_t code)
{
	static char text[512];

	snprintf(text, sizeof text, "%s: %s", doing, context == NULL ? "no context" : calls.error_message(context, code));
	return text;
}

static const char *open_library(void)
{
	void *library = dlopen(LIBRARY, RTLD_NOW);

	if (library == NULL)
		return dlerror();
	/* The other library is one of those that this one needs, and dlsym() looks there as well. */
	for (size_t at = 0; at < sizeof symbols / sizeof *symbols; at++)
		if ((*symbols[at].call = dlsym(library, symbols[at].name)) == NULL)
			return dlerror();
	return NULL;
}

/* Copies all entries; each is larger than the structure of the library by far. */
static int32_t copy_keys(void *context, void *from, void *to, unsigned *count)
{
	_Alignas(16) unsigned char entry[512];
	void *cursor;
	int32_t status = calls.kt_start(context, from, &cursor);

	if (status != 0)
		return status;
	/* The library's memory of an entry is never freed: it lives as long as this process. */
	while (memset(entry, 0, sizeof entry), (status = calls.kt_next(context, from, entry, &cursor)) == 0) {
		if ((status = calls.kt_add(context, to, entry)) != 0)
			return status;
		(*count)++;
	}
	return status == KEYTAB_END ? calls.kt_end(context, from, &cursor) : status;
}

const char *kerberos_open(const char *keytab)
{
	const char *why = open_library();
	char name[4200];
	void *context = NULL, *file, *memory;
	unsigned count = 0;
	uint32_t minor;
	int32_t status;

	if (why != NULL)
		return why;
	if ((status = calls.init_context(&context)) != 0)
		return "the configuration of Kerberos cannot be read: see /etc/krb5.conf, or KRB5_CONFIG";
	snprintf(name, sizeof name, "FILE:%s", keytab);
	if ((status = calls.kt_resolve(context, name, &file)) != 0 ||
	    (status = calls.kt_resolve(context, KEYS_IN_MEMORY, &memory)) != 0 ||
	    (status = copy_keys(context, file, memory, &count)) != 0)
		return explain(context, "the keytab cannot be read", status);
	if (count == 0)
		return "the keytab has no keys";
	if (calls.import_cred(&minor, NULL, NULL, memory, &credential) != GSS_S_COMPLETE)
		return explain(context, "the keys cannot be used", (int32_t)minor);
	return NULL;
}

static size_t put_status(uint8_t *answer, uint32_t major, uint32_t minor)
{
	struct gss_buffer text = { 0, NULL };
	uint32_t more = 0, ignored;
	int32_t code = (int32_t)minor;
	int is_ours = (code > 0 && code <= LAST_SYSTEM_ERROR) ||
	              (code >= FIRST_CACHE_FAILURE && code <= LAST_CACHE_FAILURE && code != CACHE_FAILURE_REPLAY);
	int says_more = minor != 0 && calls.display_status(&ignored, minor, GSS_C_MECH_CODE, NULL, &more, &text) == 0;

	if (!says_more)
		calls.display_status(&ignored, major, GSS_C_GSS_CODE, NULL, &more, &text);
	return answer_text(answer, is_ours ? ANSWER_FAILED : ANSWER_REFUSED, text.value, text.length);
}

static size_t put_accepted(uint8_t *answer, const struct lucid_context *lucid, uint32_t flags, struct gss_buffer name,
                           struct gss_buffer token)
{
	int is_cfx = lucid->protocol == 1, has_subkey = is_cfx && lucid->cfx.has_acceptor_subkey;
	const struct lucid_key *key = !is_cfx      ? &lucid->old.key
	                              : has_subkey ? &lucid->cfx.acceptor_subkey
	                                           : &lucid->cfx.key;
	uint8_t *at = answer;

	if (name.length > MAX_NAME || key->length > MAX_KEY || token.length > MAX_TOKEN)
		return answer_text(answer, ANSWER_REFUSED, "a name, key or token that is too long", 37);
	at = answer_byte(at, ANSWER_ACCEPTED);
	at = answer_number(at, flags, 4);
	at = answer_number(at, key->type, 4);
	at = answer_byte(at, has_subkey);
	at = answer_number(at, lucid->send_sequence, 8);
	at = answer_number(at, lucid->receive_sequence, 8);
	at = answer_bytes(answer_number(at, key->length, 2), key->data, key->length);
	at = answer_bytes(answer_number(at, name.length, 2), name.value, name.length);
	return (size_t)(answer_bytes(at, token.value, token.length) - answer);
}

size_t kerberos_accept(const uint8_t *token, size_t length, uint8_t *answer)
{
	struct gss_buffer input = { length, (void *)(uintptr_t)token }, output = { 0, NULL }, text = { 0, NULL };
	void *context = NULL, *name = NULL, *lucid = NULL;
	uint32_t minor = 0, flags = 0;
	/* Without a place for delegated tickets none are taken. */
	gss_status major = calls.accept(&minor, &context, credential, &input, NULL, &name, NULL, &output, &flags, NULL, NULL);

	/* No client of SOCKS needs a second token (DCE style), so no context is kept for one. */
	if (major == GSS_S_CONTINUE_NEEDED)
		return answer_text(answer, ANSWER_REFUSED, "it needs a second token", 23);
	if (major != GSS_S_COMPLETE)
		return put_status(answer, major, minor);
	if ((major = calls.display_name(&minor, name, &text, NULL)) != GSS_S_COMPLETE ||
	    (major = calls.export_lucid(&minor, &context, 1, &lucid)) != GSS_S_COMPLETE)
		return put_status(answer, major, minor);
	return put_accepted(answer, lucid, flags, text, output);
}
