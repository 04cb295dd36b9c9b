#pragma once
#include <curl/curl.h>

// Swift cannot call variadic functions: one typed function for each kind of argument that
// curl_easy_setopt(3), curl_easy_getinfo(3) and curl_multi_setopt(3) take here.

typedef size_t (*CCurl_DataCallback)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode CCurl_setLong(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode CCurl_setOffset(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode CCurl_setPointer(CURL *easy, CURLoption option, const void *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode CCurl_setDataCallback(CURL *easy, CURLoption option,
                                             CCurl_DataCallback callback) {
    return curl_easy_setopt(easy, option, callback);
}

static inline CURLcode CCurl_getLong(CURL *easy, CURLINFO info, long *value) {
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode CCurl_getPointer(CURL *easy, CURLINFO info, void **value) {
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode CCurl_getSocket(CURL *easy, curl_socket_t *value) {
    return curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, value);
}

static inline CURLcode CCurl_setOpenSocketCallback(CURL *easy, curl_opensocket_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, callback);
}

// The address itself, `addrlen` bytes, which may be more than the field's type has.
static inline const void *CCurl_address(const struct curl_sockaddr *address) {
    return &address->addr;
}

static inline CURLcode CCurl_setSSLContextCallback(CURL *easy, curl_ssl_ctx_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, callback);
}

static inline CURLMcode CCurl_multiSetLong(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

static inline CURLMcode CCurl_multiSetPointer(CURLM *multi, CURLMoption option, void *value) {
    return curl_multi_setopt(multi, option, value);
}

static inline CURLMcode CCurl_multiSetSocketCallback(CURLM *multi, curl_socket_callback callback) {
    return curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, callback);
}

static inline CURLMcode CCurl_multiSetTimerCallback(CURLM *multi,
                                                    curl_multi_timer_callback callback) {
    return curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, callback);
}
