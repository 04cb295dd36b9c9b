#pragma once
#include <wslay/wslay.h>

// A macro with a cast, which Swift does not see: the bit of a compressed message (RFC 7692, 6).
static const uint8_t CWslay_compressedBit = WSLAY_RSV1_BIT;
