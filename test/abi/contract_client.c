/* SPDX-License-Identifier: Apache-2.0 */
/* Part of the contract test: what an opened client does. */

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "contract_check.h"

/* The plaintext "layer options" under the letter k, A256GCM, an IV of 12 times the letter i. */
static const char kPacket[] =
    "{\"kid\":\"key_id1\",\"wrapped_data\":\"@GCM@\","
    "\"iv\":\"aWlpaWlpaWlpaWlp\",\"wrap_type\":\"A256GCM\"}";
/* The same with A256CTR and 16 times the letter i. */
static const char kPacketCtr[] =
    "{\"kid\":\"key_id1\",\"wrapped_data\":\"@CTR@\","
    "\"iv\":\"aWlpaWlpaWlpaWlpaWlpaQ==\",\"wrap_type\":\"A256CTR\"}";
static const char kPlain[] = "layer options";
#define PLAIN_LEN (sizeof kPlain - 1)

/* The packet's own text as annotation; some clients send it so, others base64. */
static const char kRequest[] =
    "{\"op\":\"keyunwrap\",\"keywrapparams\":{\"ec\":null,\"optsdata\":null},"
    "\"keyunwrapparams\":{\"dc\":{\"Parameters\":null},\"annotation\":\"@REQ@\"}}";
static const char kAnswer[] =
    "{\"keyunwrapresults\":{\"optsdata\":[108,97,121,101,114,32,111,112,116,105,111,110,115]}}";

static void expect_id(const oskbc_client* client, size_t index, const char* id) {
  char out[64];
  size_t len = 0;
  CHECK_STATUS(oskbc_client_key_id(client, index, NULL, &len), OSKBC_E_BUFFER);
  CHECK(len == strlen(id) + 1);
  memset(out, 'x', sizeof out);
  len = strlen(id);
  CHECK_STATUS(oskbc_client_key_id(client, index, out, &len), OSKBC_E_BUFFER);
  CHECK(out[0] == 'x' && len == strlen(id) + 1);
  CHECK_STATUS(oskbc_client_key_id(client, index, out, &len), OSKBC_OK);
  CHECK(strcmp(out, id) == 0 && len == strlen(id) + 1);
  CHECK(out[len] == 'x');
}

static void phase_key_ids(const oskbc_client* client) {
  begin("key_count and key_id");
  size_t len = 64;
  char out[64];
  CHECK(oskbc_client_key_count(client) == 4);
  CHECK(oskbc_client_key_count(NULL) == 0);
  expect_id(client, 0, "default/empty/1");
  expect_id(client, 1, "default/policy/1");
  expect_id(client, 2, "key_id1");
  expect_id(client, 3, "key_id2");
  CHECK_STATUS(oskbc_client_key_id(client, 4, out, &len), OSKBC_E_ARGUMENT);
  CHECK_STATUS(oskbc_client_key_id(client, (size_t)-1, out, &len), OSKBC_E_ARGUMENT);
  CHECK(len == 64);
}

/* Packets are templates: replaces @...@ by text. */
static void fill(char* out, size_t size, const char* packet, const char* data) {
  const char* mark = strchr(packet, '@');
  const char* after = strchr(mark + 1, '@') + 1;
  const int len = snprintf(out, size, "%.*s%s%s", (int)(mark - packet), packet, data, after);
  CHECK(len > 0 && (size_t)len < size);
}

static const char kDataGcm[] = "tuWBEUDYznSPPY4W6L97UulaWcRx82CCNuU2EVc=";
static const char kDataCtr[] = "dtBbhHEQxFMkNjagfg==";

static oskbc_status unwrap(const oskbc_client* client, const char* packet, uint8_t* out,
                           size_t* len) {
  return oskbc_unwrap_key(client, packet, strlen(packet), out, len);
}

static void phase_unwrap(const oskbc_client* client) {
  begin("unwrap");
  char packet[512];
  uint8_t out[64];
  size_t len = 0;
  fill(packet, sizeof packet, kPacket, kDataGcm);
  CHECK_STATUS(unwrap(client, packet, NULL, &len), OSKBC_E_BUFFER);
  CHECK(len == PLAIN_LEN);
  memset(out, 0xa5, sizeof out);
  len = PLAIN_LEN - 1;
  CHECK_STATUS(unwrap(client, packet, out, &len), OSKBC_E_BUFFER);
  CHECK(len == PLAIN_LEN && out[0] == 0xa5);
  CHECK_STATUS(unwrap(client, packet, out, &len), OSKBC_OK);
  CHECK(len == PLAIN_LEN && memcmp(out, kPlain, len) == 0 && out[len] == 0xa5);
  len = sizeof out;
  CHECK_STATUS(unwrap(client, packet, out, &len), OSKBC_OK);
  CHECK(len == PLAIN_LEN);
  fill(packet, sizeof packet, kPacketCtr, kDataCtr);
  len = sizeof out;
  CHECK_STATUS(unwrap(client, packet, out, &len), OSKBC_OK);
  CHECK(len == PLAIN_LEN && memcmp(out, kPlain, len) == 0);
}

static void expect_unwrap(const oskbc_client* client, const char* packet, oskbc_status expected) {
  uint8_t out[64];
  size_t len = sizeof out;
  memset(out, 0xa5, sizeof out);
  CHECK_STATUS(unwrap(client, packet, out, &len), expected);
  CHECK(len == sizeof out);
  for (size_t i = 0; i < sizeof out; ++i) CHECK(out[i] == 0xa5 || out[i] == 0);
}

static void phase_unwrap_statuses(const oskbc_client* client) {
  begin("unwrap: statuses");
  char packet[512];
  expect_unwrap(client, "", OSKBC_E_PACKET);
  expect_unwrap(client, "{}", OSKBC_E_PACKET);
  expect_unwrap(client,
                "{\"kid\":\"absent\",\"wrapped_data\":\"\",\"iv\":\"\",\"wrap_type\":\"A256GCM\"}",
                OSKBC_E_UNKNOWN_KEY);
  expect_unwrap(client,
                "{\"kid\":\"key_id1\",\"wrapped_data\":\"\",\"iv\":\"\",\"wrap_type\":\"A256KW\"}",
                OSKBC_E_UNSUPPORTED);
  fill(packet, sizeof packet, kPacket, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
  expect_unwrap(client, packet, OSKBC_E_DECRYPT);
}

static oskbc_status unwrap_fields(const oskbc_client* client, const char* kid, const char* type,
                                  const char* iv, const char* data, uint8_t* out, size_t* len) {
  return oskbc_unwrap_fields(client, kid, strlen(kid), type, strlen(type), iv, strlen(iv), data,
                             strlen(data), out, len);
}

static void expect_fields(const oskbc_client* client, const char* kid, const char* type,
                          const char* iv, const char* data, oskbc_status expected) {
  uint8_t out[64];
  size_t len = sizeof out;
  memset(out, 0xa5, sizeof out);
  CHECK_STATUS(unwrap_fields(client, kid, type, iv, data, out, &len), expected);
  CHECK(len == sizeof out);
  for (size_t i = 0; i < sizeof out; ++i) CHECK(out[i] == 0xa5 || out[i] == 0);
}

/* The same rules, without the JSON. */
static void phase_fields(const oskbc_client* client) {
  begin("fields");
  static const char iv[] = "aWlpaWlpaWlpaWlp";
  uint8_t out[64];
  size_t len = 0;
  CHECK_STATUS(unwrap_fields(client, "key_id1", "A256GCM", iv, kDataGcm, NULL, &len),
               OSKBC_E_BUFFER);
  CHECK(len == PLAIN_LEN);
  CHECK_STATUS(unwrap_fields(client, "key_id1", "A256GCM", iv, kDataGcm, out, &len), OSKBC_OK);
  CHECK(len == PLAIN_LEN && memcmp(out, kPlain, len) == 0);
  CHECK_STATUS(unwrap_fields(client, "key_id1", "aes_256_ctr", "aWlpaWlpaWlpaWlpaWlpaQ==", kDataCtr,
                             out, &len),
               OSKBC_OK);
  CHECK(len == PLAIN_LEN && memcmp(out, kPlain, len) == 0);
  expect_fields(client, "absent", "A256GCM", iv, kDataGcm, OSKBC_E_UNKNOWN_KEY);
  expect_fields(client, "", "A256GCM", "", "", OSKBC_E_UNKNOWN_KEY);
  expect_fields(client, "key_id1", "A256KW", iv, kDataGcm, OSKBC_E_UNSUPPORTED);
  expect_fields(client, "key_id1", "A256GCM", "[1,2]", kDataGcm, OSKBC_E_PACKET);
  expect_fields(client, "key_id1", "A256GCM", iv, "tuWB\n", OSKBC_E_PACKET);
  expect_fields(client, "key_id2", "A256GCM", iv, "AAAAAAAAAAAAAAAAAAAAAAAA", OSKBC_E_DECRYPT);
  expect_fields(client, "key_id1", "A256GCM", "aWlp", kDataGcm, OSKBC_E_DECRYPT);
}

/* Wrong key length, IV length and tag must not be told apart. */
static void phase_one_text(const oskbc_client* client) {
  begin("unwrap: one text for all that cannot be decrypted");
  char packet[512];
  char first[1024];
  fill(packet, sizeof packet, kPacket, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
  expect_unwrap(client, packet, OSKBC_E_DECRYPT);
  CHECK(snprintf(first, sizeof first, "%s", oskbc_last_error()) > 0);
  static const char* const other[] = {
      "{\"kid\":\"default/policy/1\",\"wrapped_data\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
      "\"iv\":\"aWlpaWlpaWlpaWlp\",\"wrap_type\":\"A256GCM\"}",
      "{\"kid\":\"key_id1\",\"wrapped_data\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
      "\"iv\":\"aWlp\",\"wrap_type\":\"A256GCM\"}",
      "{\"kid\":\"key_id1\",\"wrapped_data\":\"\",\"iv\":\"aWlpaWlpaWlpaWlp\","
      "\"wrap_type\":\"A256GCM\"}",
      "{\"kid\":\"key_id1\",\"wrapped_data\":\"AAAA\",\"iv\":\"aWlp\",\"wrap_type\":\"A256CTR\"}"};
  for (size_t i = 0; i < sizeof other / sizeof other[0]; ++i) {
    expect_unwrap(client, other[i], OSKBC_E_DECRYPT);
    CHECK(strcmp(oskbc_last_error(), first) == 0);
  }
}

static void phase_resource(const oskbc_client* client) {
  begin("resource");
  uint8_t out[16];
  size_t len = 0;
  CHECK_STATUS(oskbc_get_resource(client, "kbs:///default/policy/1", NULL, &len), OSKBC_E_BUFFER);
  CHECK(len == 6);
  CHECK_STATUS(oskbc_get_resource(client, "kbs:///default/policy/1", out, &len), OSKBC_OK);
  CHECK(len == 6 && memcmp(out, "policy", 6) == 0);
  len = 5;
  CHECK_STATUS(oskbc_get_resource(client, "default/policy/1", out, &len), OSKBC_E_BUFFER);
  CHECK(len == 6);
  /* No bytes are needed, but a place for them is. */
  len = 9;
  CHECK_STATUS(oskbc_get_resource(client, "default/empty/1", NULL, &len), OSKBC_E_BUFFER);
  CHECK(len == 0);
  CHECK_STATUS(oskbc_get_resource(client, "default/empty/1", out, &len), OSKBC_OK);
  CHECK(len == 0);
  len = sizeof out;
  CHECK_STATUS(oskbc_get_resource(client, "absent", out, &len), OSKBC_E_UNKNOWN_KEY);
  CHECK_STATUS(oskbc_get_resource(client, "https://a/b/c", out, &len), OSKBC_E_REQUEST);
  CHECK(len == sizeof out);
}

static void make_request(char* request, size_t size) {
  char packet[512];
  char escaped[1024];
  size_t at = 0;
  fill(packet, sizeof packet, kPacket, kDataGcm);
  for (const char* c = packet; *c != '\0'; ++c) {
    if (*c == '"') escaped[at++] = '\\';
    escaped[at++] = *c;
  }
  escaped[at] = '\0';
  fill(request, size, kRequest, escaped);
}

static void phase_keyprovider(const oskbc_client* client) {
  begin("keyprovider");
  char request[2048];
  uint8_t out[512];
  size_t len = 0;
  make_request(request, sizeof request);
  CHECK_STATUS(oskbc_keyprovider(client, request, strlen(request), NULL, &len), OSKBC_E_BUFFER);
  CHECK(len >= strlen(kAnswer) && len <= sizeof out);
  CHECK_STATUS(oskbc_keyprovider(client, request, strlen(request), out, &len), OSKBC_OK);
  CHECK(len == strlen(kAnswer) && memcmp(out, kAnswer, len) == 0);
  static const char wrapping[] =
      "{\"op\":\"keywrap\",\"keywrapparams\":{\"ec\":{},\"optsdata\":\"QUJD\"},"
      "\"keyunwrapparams\":{\"dc\":null,\"annotation\":null}}";
  len = sizeof out;
  CHECK_STATUS(oskbc_keyprovider(client, wrapping, strlen(wrapping), out, &len), OSKBC_E_REQUEST);
  CHECK_STATUS(oskbc_keyprovider(client, "", 0, out, &len), OSKBC_E_REQUEST);
  CHECK(len == sizeof out);
}

static void phase_authenticated(void) {
  begin("require authenticated");
  fake_tree tree;
  char packet[512];
  make_tree(&tree);
  oskbc_options* options = options_for(&tree);
  CHECK_STATUS(oskbc_options_set_require_authenticated(options, -1), OSKBC_OK);
  oskbc_client* client = open_in(&tree, options);
  /* The client has its own copy: what happens to the options does not reach it. */
  CHECK_STATUS(oskbc_options_set_require_authenticated(options, 0), OSKBC_OK);
  oskbc_options_free(&options);
  fill(packet, sizeof packet, kPacketCtr, kDataCtr);
  expect_unwrap(client, packet, OSKBC_E_UNSUPPORTED);
  oskbc_client_close(&client);
  fake_tree_remove(&tree);
}

static void phase_two_clients(void) {
  begin("two clients at once");
  fake_tree first;
  fake_tree second;
  uint8_t out[16];
  size_t len = sizeof out;
  make_tree(&first);
  CHECK(fake_tree_make_keyset(&second, "{\"a\":\"QUJD\"}", 12) == 0);
  oskbc_client* one = open_in(&first, NULL);
  oskbc_client* two = open_in(&second, NULL);
  CHECK(oskbc_client_key_count(one) == 4 && oskbc_client_key_count(two) == 1);
  oskbc_client_close(&one);
  CHECK_STATUS(oskbc_get_resource(two, "a", out, &len), OSKBC_OK);
  CHECK(len == 3 && memcmp(out, "ABC", 3) == 0);
  oskbc_client_close(&two);
  fake_tree_remove(&first);
  fake_tree_remove(&second);
}

static void read_and_unwrap(void) {
  fake_tree tree;
  make_tree(&tree);
  oskbc_client* client = open_in(&tree, NULL);
  fake_tree_remove(&tree);
  if (client == NULL) return;
  phase_key_ids(client);
  phase_unwrap(client);
  phase_unwrap_statuses(client);
  phase_one_text(client);
  phase_fields(client);
  phase_resource(client);
  phase_keyprovider(client);
  oskbc_client_close(&client);
}

void walk_client(void) {
  read_and_unwrap();
  phase_authenticated();
  phase_two_clients();
}
