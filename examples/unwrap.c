/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest agent in C: opens the keyset once, unwraps one annotation packet, forgets
 * everything.
 *
 * usage: unwrap AA_KBC_PARAMS [ROOT] <packet >options
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <oskbc/oskbc.h>

/* The longest packet that the library reads. */
#define PACKET_MAX (1024 * 1024)

/* Says what failed; the status' own text is short, the last error tells where and what to do. */
static int failed(const char* what, oskbc_status status) {
  fprintf(stderr, "unwrap: %s: %s: %s\n", what, oskbc_strerror(status), oskbc_last_error());
  return status;
}

/* What goes out is a secret: stdio's buffers would keep a copy of it, write() keeps none. */
static int write_all(const uint8_t* data, size_t len) {
  while (len > 0) {
    const ssize_t written = write(STDOUT_FILENO, data, len);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      perror("unwrap: standard output");
      return OSKBC_E_IO;
    }
    data += written;
    len -= (size_t)written;
  }
  return OSKBC_OK;
}

static oskbc_status open_client(const char* params, const char* root, oskbc_client** client) {
  oskbc_options* options = NULL;
  oskbc_status status = OSKBC_OK;
  if (root == NULL) return oskbc_client_open(params, NULL, client);
  status = oskbc_options_new(&options);
  if (status == OSKBC_OK) status = oskbc_options_set_root(options, root);
  if (status == OSKBC_OK) status = oskbc_client_open(params, options, client);
  oskbc_options_free(&options);
  return status;
}

/* Asks for the length, which decrypts nothing, and then for the bytes. */
static int unwrap(const oskbc_client* client, const char* packet, size_t packet_len) {
  size_t len = 0;
  uint8_t* plain = NULL;
  oskbc_status status = oskbc_unwrap_key(client, packet, packet_len, NULL, &len);
  if (status != OSKBC_E_BUFFER) return failed("packet", status);
  plain = malloc(len > 0 ? len : 1);
  if (plain == NULL) {
    perror("unwrap: packet");
    return OSKBC_E_NO_MEMORY;
  }
  status = oskbc_unwrap_key(client, packet, packet_len, plain, &len);
  if (status == OSKBC_OK) {
    status = write_all(plain, len);
    oskbc_wipe(plain, len);
  } else {
    failed("packet", status);
  }
  free(plain);
  return status;
}

int main(int argc, char** argv) {
  /* A packet is no secret. One byte more than the bound, for the library to refuse it. */
  static char packet[PACKET_MAX + 1];
  oskbc_client* client = NULL;
  oskbc_status status = OSKBC_OK;
  if (argc < 2 || argc > 3) {
    fprintf(stderr, "usage: unwrap AA_KBC_PARAMS [ROOT] <packet >options\n");
    return 64;
  }
  status = open_client(argv[1], argv[2], &client);
  if (status != OSKBC_OK) return failed("keyset", status);
  status = unwrap(client, packet, fread(packet, 1, sizeof packet, stdin));
  oskbc_client_close(&client);
  return status;
}
