#ifndef MARTLET_CCURL_H
#define MARTLET_CCURL_H

// libcurl, found when it is first needed: nothing of it is linked and none of its headers are used. The declarations
// are our own: curl_easy_setopt is variadic, which Swift cannot call. Numbers are from libcurl's include/curl/curl.h
// and multi.h, where they are part of the ABI of libcurl.so.4 and never change; all exist in 7.61 (EL8) and later.

#include <stddef.h>
#include <stdint.h>

/// A transfer (CURL *), many at once (CURLM *), header lines (struct curl_slist *).
typedef struct ccurl_easy ccurl_easy;
typedef struct ccurl_multi ccurl_multi;
typedef struct ccurl_lines ccurl_lines;

/// Loads libcurl once in a process and initialises it; safe on every thread.
/// NULL, or why it could not be loaded; the text lives as long as the process.
const char *ccurl_load(void);

/// "libcurl/7.88.1 OpenSSL/3.0.11 …". After ccurl_load only, as everything below.
const char *ccurl_version(void);

// CURLOPT_…: 0 + n takes a long, 10000 + n a pointer, 20000 + n a function, 30000 + n a curl_off_t
typedef enum {
    CCURL_LOW_SPEED_LIMIT = 19,
    CCURL_LOW_SPEED_TIME = 20,
    CCURL_NOBODY = 44,
    CCURL_UPLOAD = 46,
    CCURL_FOLLOWLOCATION = 52,
    CCURL_SSL_VERIFYPEER = 64,
    CCURL_HTTPGET = 80,
    CCURL_SSL_VERIFYHOST = 81,
    CCURL_HTTP_VERSION = 84,
    CCURL_BUFFERSIZE = 98,
    CCURL_NOSIGNAL = 99,
    CCURL_TCP_NODELAY = 121,
    CCURL_TIMEOUT_MS = 155,
    CCURL_CONNECTTIMEOUT_MS = 156,
    CCURL_TCP_KEEPALIVE = 213,
    CCURL_EXPECT_100_TIMEOUT_MS = 227,
    CCURL_PATH_AS_IS = 234,
    /// A proxy's answers to CONNECT are not the server's (7.54).
    CCURL_SUPPRESS_CONNECT_HEADERS = 265,
    CCURL_UPLOAD_BUFFERSIZE = 280,
    CCURL_URL = 10002,
    CCURL_HTTPHEADER = 10023,
    CCURL_SSLCERT = 10025,
    CCURL_CUSTOMREQUEST = 10036,
    CCURL_CAINFO = 10065,
    CCURL_SSLKEY = 10087,
    CCURL_CAPATH = 10097,
    CCURL_INFILESIZE_LARGE = 30115,
} ccurl_option;

enum {
    CCURL_HTTP_VERSION_1_1 = 2,
    /// Room for the words of an error (CURL_ERROR_SIZE).
    CCURL_ERROR_SIZE = 256,
    /// What a body source answers to end the transfer (CURL_READFUNC_ABORT).
    CCURL_READ_ABORT = 0x10000000,
};

// CURLcode, those that are told apart
typedef enum {
    CCURL_OK = 0,
    CCURL_URL_MALFORMED = 3,
    CCURL_NOT_BUILT_IN = 4,
    CCURL_NO_PROXY_ADDRESS = 5,
    CCURL_NO_HOST_ADDRESS = 6,
    CCURL_NO_CONNECTION = 7,
    CCURL_PARTIAL = 18,
    CCURL_WRITE_ERROR = 23,
    CCURL_READ_ERROR = 26,
    CCURL_TIMED_OUT = 28,
    CCURL_TLS_FAILED = 35,
    CCURL_ABORTED = 42,
    CCURL_CLIENT_CERTIFICATE = 58,
    CCURL_CIPHER = 59,
    CCURL_PEER_UNVERIFIED = 60,
    CCURL_TOO_LARGE = 63,
    CCURL_CA_UNREADABLE = 77,
    CCURL_CLIENT_CERTIFICATE_WANTED = 98,
} ccurl_code;

/// Takes `size` bytes; fewer than that ends the transfer.
typedef size_t (*ccurl_taker)(char *bytes, size_t one, size_t size, void *context);
/// Gives `size` bytes at the most; 0 at the end, CCURL_READ_ABORT to end the transfer.
typedef size_t (*ccurl_giver)(char *bytes, size_t one, size_t size, void *context);
/// Goes to a place in the body, `whence` is SEEK_SET; 0 when done.
typedef int (*ccurl_seeker)(void *context, int64_t offset, int whence);

ccurl_easy *ccurl_easy_new(void);
void ccurl_easy_free(ccurl_easy *easy);
/// Forgets every option; connections stay.
void ccurl_easy_reset(ccurl_easy *easy);

// These give a ccurl_code; nonzero when this libcurl does not know the option.
int ccurl_set_number(ccurl_easy *easy, ccurl_option option, int64_t value);
int ccurl_set_text(ccurl_easy *easy, ccurl_option option, const char *value);
/// The lines are not copied: they must live as long as the transfer.
int ccurl_set_lines(ccurl_easy *easy, ccurl_option option, ccurl_lines *lines);
/// Where the words of an error go: CCURL_ERROR_SIZE bytes that live as long as the transfer.
int ccurl_set_error_buffer(ccurl_easy *easy, char *buffer);
/// Who takes the header lines and the body, and who gives the body that is sent. The context is theirs, and what
/// ccurl_context tells.
int ccurl_set_callbacks(
    ccurl_easy *easy, void *context, ccurl_taker header, ccurl_taker body, ccurl_giver source, ccurl_seeker seek);
void *ccurl_context(ccurl_easy *easy);

/// A list with one line more; NULL when there is no memory, the list is as it was then.
ccurl_lines *ccurl_lines_append(ccurl_lines *lines, const char *line);
void ccurl_lines_free(ccurl_lines *lines);

/// The words for a ccurl_code.
const char *ccurl_words(int code);

/// - connections: idle ones that are kept at the most.
ccurl_multi *ccurl_multi_new(int connections);
/// Closes every connection. All transfers must have been removed.
void ccurl_multi_free(ccurl_multi *multi);
int ccurl_multi_add(ccurl_multi *multi, ccurl_easy *easy);
int ccurl_multi_remove(ccurl_multi *multi, ccurl_easy *easy);
/// Carries all transfers on without waiting. 0, or a CURLMcode.
int ccurl_multi_perform(ccurl_multi *multi);
/// Waits until there is something to do, `milliseconds` at the most. 0, or a CURLMcode.
int ccurl_multi_wait(ccurl_multi *multi, int milliseconds);
/// A transfer that has ended since, with its ccurl_code; NULL when there is none.
ccurl_easy *ccurl_multi_ended(ccurl_multi *multi, int *code);

#endif
