#pragma once
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

// A macro, which Swift does not see: SSL_CTX_set_mode(3).
static inline void COpenSSL_setMode(SSL_CTX *context, long mode) {
    SSL_CTX_set_mode(context, mode);
}
