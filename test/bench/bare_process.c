/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The least that a process can be which unwraps with OpenSSL: it links libcrypto alone, fetches the
 * cipher, decrypts once, and writes what comes out.
 */
#include <stdio.h>

#include <openssl/evp.h>

enum { PLAIN_SIZE = 193, TAG_SIZE = 16 };

/* Of PLAIN_SIZE zeros of ciphertext, under a key and an IV of zeros. */
static unsigned char tag[TAG_SIZE] = {0xde, 0xc9, 0x8e, 0xa6, 0x1e, 0xca, 0xc5, 0x69,
                                      0x24, 0x5a, 0x98, 0xe7, 0xb9, 0xaf, 0xcf, 0x1c};

static int decrypt(EVP_CIPHER_CTX* context, const EVP_CIPHER* cipher, unsigned char* out) {
  static const unsigned char key[32], iv[12], wrapped[PLAIN_SIZE];
  int written = 0;
  return EVP_DecryptInit_ex(context, cipher, NULL, key, iv) == 1 &&
         EVP_DecryptUpdate(context, out, &written, wrapped, PLAIN_SIZE) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, tag) == 1 &&
         EVP_DecryptFinal_ex(context, out + written, &written) == 1;
}

int main(void) {
  unsigned char out[PLAIN_SIZE];
  EVP_CIPHER* cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  const int opened = cipher != NULL && context != NULL && decrypt(context, cipher, out);
  EVP_CIPHER_CTX_free(context);
  EVP_CIPHER_free(cipher);
  return opened && fwrite(out, 1, sizeof out, stdout) == sizeof out ? 0 : 1;
}
