/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file oskbc.h
 * @brief The C interface of liboskbc, the offline key broker client of an AMD SEV or SEV-ES guest.
 *
 * The guest owner injects a keyset into the guest's memory before the guest runs. The guest's
 * kernel shows it once, as a file below securityfs. oskbc_client_open() reads that file, removes it
 * from the kernel and keeps the keys; from then on the client unwraps the keys of encrypted
 * container image layers without any network.
 *
 * Rules that hold for every function:
 *
 *  1. Objects are opaque. They are made by a function that takes `T **` and released by one that
 *     takes `T **`, accepts NULL, and sets the pointer to NULL.
 *  2. Every function that can fail returns an ::oskbc_status: 0 is success, a positive number an
 *     error. A number never changes its meaning. Functions return only the statuses that they list;
 *     ::OSKBC_E_NO_MEMORY and ::OSKBC_E_INTERNAL are possible everywhere and are not repeated.
 *  3. Lengths are in bytes. Strings end with a NUL and are UTF-8.
 *  4. No memory changes owner. The library copies what it keeps and writes only into buffers that
 *     the caller gave.
 *  5. NULL where something is needed gives ::OSKBC_E_ARGUMENT, never a crash, and so does an object
 *     of another type.
 *  6. No exception, signal or output crosses this interface, and no environment variable is read.
 *     The library starts no thread. The only process it ever starts is modprobe, inside
 *     oskbc_client_open(), and only when kernel handling is on (oskbc_options_set_manage_kernel()).
 *  7. Messages are made of the library's own words, of numbers, and of paths that the library or
 *     the caller named. They never hold input, keys or plaintext.
 *  8. A child of fork() that does not start another program has no keys: in its memory they are
 *     zeros (Linux 4.14 and later). What needs one gives ::OSKBC_E_NO_SECRET there, and says so.
 *  9. What a function hands out in a byte buffer may be a secret. It is the caller's to wipe;
 *     oskbc_wipe() does it.
 *
 * Output buffers. Where a function has `(uint8_t *out, size_t *out_len)`, `*out_len` is the size of
 * `out` on entry, and the length written on success. If `out` is NULL or too small, the function
 * returns ::OSKBC_E_BUFFER, sets `*out_len` to the length needed and writes nothing else. The
 * needed length follows from the length of the input, so asking for it decrypts nothing; it can be
 * more than what is written in the end where a function says so. On any other failure `*out_len` is
 * left alone, and what was written to `out` by then has been wiped.
 *
 * Words for threads. "Thread-safe": may be called at any time from any thread, on the same objects
 * too. "Not on one object at once": different objects may be used by different threads, but while
 * this call runs, no other call may use the same object. Unwrapping takes no lock.
 */
#ifndef OSKBC_OSKBC_H
#define OSKBC_OSKBC_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define OSKBC_API __attribute__((visibility("default")))
#else
#define OSKBC_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** An opened keyset. Made by oskbc_client_open(), released by oskbc_client_close(). */
typedef struct oskbc_client oskbc_client;

/** How to open. Made by oskbc_options_new(), released by oskbc_options_free(). */
typedef struct oskbc_options oskbc_options;

/** The outcome of a call: one of the `OSKBC_` constants below. */
typedef int oskbc_status;

enum {
  /** Success. */
  OSKBC_OK = 0,
  /** Mend the call: NULL, a bad GUID, a bad directory, an object of another type. */
  OSKBC_E_ARGUMENT = 1,
  /** Call again with the length given back. */
  OSKBC_E_BUFFER = 2,
  /** Mend `aa_kbc_params`: it is not `offline_sev_kbc::` and some text. */
  OSKBC_E_PARAMS = 3,
  /** Nothing was injected, or it is gone, and the message says why. Plain images can still run. */
  OSKBC_E_NO_SECRET = 4,
  /** A file or a kernel operation failed: errno and path are in the message. */
  OSKBC_E_IO = 5,
  /** The secret was read but could not be removed: there is no client, and the keys are wiped. */
  OSKBC_E_WIPE = 6,
  /** The injected keyset, or the one in a file, is malformed or over a bound. */
  OSKBC_E_KEYSET = 7,
  /** The annotation packet is malformed or over a bound. */
  OSKBC_E_PACKET = 8,
  /** The key provider request, or a URI, is malformed, over a bound, or not for this library. */
  OSKBC_E_REQUEST = 9,
  /** The keyset lacks the id. */
  OSKBC_E_UNKNOWN_KEY = 10,
  /** An unsupported wrap type, version or provider, or CTR when integrity is required. */
  OSKBC_E_UNSUPPORTED = 11,
  /** Wrong key length, IV length or tag: one status and one text, whichever it was. */
  OSKBC_E_DECRYPT = 12,
  /** Memory is short. */
  OSKBC_E_NO_MEMORY = 13,
  /** A bug in the library; please report it. */
  OSKBC_E_INTERNAL = 14,
  /** The injected keyset needs a keyset in a file, and the file is not there. Since 0.2.0. */
  OSKBC_E_NO_KEYSET_FILE = 15,
  /** The keyset file was not sealed for the injected key. Since 0.2.0. */
  OSKBC_E_KEYSET_FILE_KEY = 16,
  /** The keyset file was altered, or is another guest's. Since 0.2.0. */
  OSKBC_E_KEYSET_FILE_ALTERED = 17,
  /** The keyset file is genuine, but not the one whose digest was injected. Since 0.2.0. */
  OSKBC_E_KEYSET_FILE_OLD = 18
};

/**
 * Makes a set of options with their defaults: the root is `/`, the entry is the keyset's, the file
 * is removed after reading, kernel handling is on, neither authenticated wrap types nor locked
 * memory are required.
 *
 * @param[out] options  receives the new options; NULL on failure. Must not be NULL. Release them
 *                      with oskbc_options_free().
 * @return ::OSKBC_OK; ::OSKBC_E_ARGUMENT if `options` is NULL.
 * Thread-safe. Since 0.1.0.
 */
OSKBC_API oskbc_status oskbc_options_new(oskbc_options** options);

/**
 * Releases options and sets the pointer to NULL. A client opened with them does not need them any
 * more.
 *
 * @param[in,out] options  the address of the pointer; NULL, or the address of a NULL, does nothing.
 * Not on one object at once. Since 0.1.0.
 */
OSKBC_API void oskbc_options_free(oskbc_options** options);

/**
 * Lets a directory stand for `/`: a fake tree, or the root of a system that is not running. Every
 * path that the library uses lies below it. Turns kernel handling off; to have it nevertheless,
 * call oskbc_options_set_manage_kernel() afterwards.
 *
 * @param options    must not be NULL.
 * @param directory  an existing directory, absolute or relative to the working directory at the
 *                   time of this call; copied. Must not be NULL.
 * @return ::OSKBC_OK; ::OSKBC_E_ARGUMENT if something is NULL or `directory` is not a directory.
 * Not on one object at once. Since 0.1.0.
 */
OSKBC_API oskbc_status oskbc_options_set_root(oskbc_options* options, const char* directory);

/**
 * Chooses another entry of the secret area than the keyset's,
 * e6f5a162-d67f-4750-a67c-5d065f2a9910.
 *
 * @param options  must not be NULL.
 * @param guid     36 characters, 8-4-4-4-12 hexadecimal digits in either case; copied. Must not be
 *                 NULL.
 * @return ::OSKBC_OK; ::OSKBC_E_ARGUMENT if something is NULL or `guid` is not a GUID.
 * Not on one object at once. Since 0.1.0.
 */
OSKBC_API oskbc_status oskbc_options_set_secret_guid(oskbc_options* options, const char* guid);

/**
 * Says whether the secret's file stays in place after it was read. The default is to remove it,
 * which also makes the kernel overwrite the secret in memory. What stays can be read by the next
 * process with the rights for it. A module that was loaded for the file stays loaded with it.
 *
 * @param options  must not be NULL.
 * @param keep     0: remove the file; anything else: leave it.
 * @return ::OSKBC_OK; ::OSKBC_E_ARGUMENT if `options` is NULL.
 * Not on one object at once. Since 0.1.0.
 */
OSKBC_API oskbc_status oskbc_options_set_keep_secret(oskbc_options* options, int keep);

/**
 * Says whether opening may change the kernel's state when the secret is not in sight: mount
 * securityfs if it is not mounted, load the module `efi_secret` if it is not loaded (both need
 * root), and unload the module afterwards if it was loaded here. What is already there is left
 * alone. The default is on; oskbc_options_set_root() turns it off.
 *
 * @param options  must not be NULL.
 * @param manage   0: touch nothing; anything else: do what is needed.
 * @return ::OSKBC_OK; ::OSKBC_E_ARGUMENT if `options` is NULL.
 * Not on one object at once. Since 0.1.0.
 */
OSKBC_API oskbc_status oskbc_options_set_manage_kernel(oskbc_options* options, int manage);

/**
 * Refuses wrap types without integrity. AES-256-CTR has none: with the wrong key, or altered on its
 * way, it decrypts to garbage without an error. The default accepts it, because images of 2021 and
 * 2022 use it.
 *
 * @param options  must not be NULL.
 * @param require  0: accept AES-256-CTR; anything else: refuse it with ::OSKBC_E_UNSUPPORTED.
 * @return ::OSKBC_OK; ::OSKBC_E_ARGUMENT if `options` is NULL.
 * Not on one object at once. Since 0.1.0.
 */
OSKBC_API oskbc_status oskbc_options_set_require_authenticated(oskbc_options* options, int require);

/**
 * Refuses to hold keys in memory that can't be locked, so that they are never written to swap. The
 * default takes what the system gives, and oskbc_client_memory() tells. It is refused before the
 * keyset is removed, so that this can be tried again after RLIMIT_MEMLOCK was raised.
 *
 * @param options  must not be NULL.
 * @param require  0: hold them nevertheless; anything else: refuse with ::OSKBC_E_IO.
 * @return ::OSKBC_OK; ::OSKBC_E_ARGUMENT if `options` is NULL.
 * Not on one object at once. Since 0.2.0.
 */
OSKBC_API oskbc_status oskbc_options_set_require_locked(oskbc_options* options, int require);

/**
 * Chooses another place for a keyset in a file than `/etc/oskbc/keyset.jwe`. The file is looked for
 * only when the injected keyset has the entries `oskbc/keyset/key` and `oskbc/keyset/sha256`; see
 * oskbc_client_open().
 *
 * @param options  must not be NULL.
 * @param path     of the file, below the root, with or without a slash at its start; copied. Must
 *                 not be NULL.
 * @return ::OSKBC_OK; ::OSKBC_E_ARGUMENT if something is NULL, or if `path` names no file or has a
 *         "..".
 * Not on one object at once. Since 0.2.0.
 */
OSKBC_API oskbc_status oskbc_options_set_keyset_file(oskbc_options* options, const char* path);

/**
 * Reads the injected keyset, removes it from the kernel and keeps its keys in memory that is locked
 * and left out of core dumps where the system allows it.
 *
 * The secret's file is looked for at `sys/kernel/security/secrets/coco/<guid>` (Linux 5.19 and
 * later) and then at `sys/kernel/security/coco/efi_secret/<guid>` (earlier patches), below the
 * root. Its content is a JSON object of key id to base64 (standard alphabet, padded, canonical), at
 * most 1 MiB. This works once a boot, unless oskbc_options_set_keep_secret() was used. A file
 * that was read is removed even if what it held is malformed.
 *
 * What the secret area has no room for may be in a file (since 0.2.0): a JWE of at most 4 MiB and
 * 65536 entries, `/etc/oskbc/keyset.jwe` below the root or oskbc_options_set_keyset_file(). The
 * injected entry `oskbc/keyset/key`, 32 bytes, opens it; `oskbc/keyset/sha256`, 32 bytes, is the
 * file's digest, without which a host could bring back an older one. The client then has the file's
 * entries and the injected ones but for these two. With one of the two alone, with an id in both
 * keysets, or without the file, there is no client; the injected keyset is removed all the same.
 *
 * @param aa_kbc_params  `offline_sev_kbc::` and any text that is not empty, "null" by convention:
 *                       the value that the agent's configuration, the kernel's command line or
 *                       AA_KBC_PARAMS holds. Must not be NULL.
 * @param options        NULL for the defaults. Copied; may be released right after.
 * @param[out] client    receives the client; NULL on failure. Must not be NULL. Release it with
 *                       oskbc_client_close().
 * @return ::OSKBC_OK; ::OSKBC_E_ARGUMENT; ::OSKBC_E_PARAMS; ::OSKBC_E_NO_SECRET: there is no such
 *         file, or another process took it while this one read it; ::OSKBC_E_IO: mounting, loading
 *         or reading failed, the path is not a regular file, or memory has to be locked and can't
 *         be; ::OSKBC_E_WIPE; ::OSKBC_E_KEYSET; ::OSKBC_E_NO_KEYSET_FILE;
 *         ::OSKBC_E_KEYSET_FILE_KEY; ::OSKBC_E_KEYSET_FILE_ALTERED; ::OSKBC_E_KEYSET_FILE_OLD.
 * Thread-safe: of several calls at once for one file, exactly one gets the keys. Since 0.1.0.
 */
OSKBC_API oskbc_status oskbc_client_open(const char* aa_kbc_params, const oskbc_options* options,
                                         oskbc_client** client);

/**
 * Wipes the keys, releases the client and sets the pointer to NULL.
 *
 * @param[in,out] client  the address of the pointer; NULL, or the address of a NULL, does nothing,
 *                        so that closing twice is fine.
 * Not on one object at once. Since 0.1.0.
 */
OSKBC_API void oskbc_client_close(oskbc_client** client);

/**
 * Counts the entries of the keyset.
 *
 * @param client  NULL counts as an empty keyset.
 * @return the number of entries.
 * Thread-safe. Since 0.1.0.
 */
OSKBC_API size_t oskbc_client_key_count(const oskbc_client* client);

/** What oskbc_client_memory() tells of; joined by "or". Later versions may have more. */
enum {
  /** Never written to swap. */
  OSKBC_MEMORY_LOCKED = 1,
  /** Left out of core dumps. */
  OSKBC_MEMORY_UNDUMPED = 2,
  /** Zeros in a child of fork(). */
  OSKBC_MEMORY_UNFORKED = 4
};

/**
 * Tells how the system protects the memory that the keys are in.
 *
 * @param client  NULL gives 0.
 * @return the `OSKBC_MEMORY_` constants that hold, joined by "or".
 * Thread-safe. Since 0.2.0.
 */
OSKBC_API int oskbc_client_memory(const oskbc_client* client);

/**
 * Gives the id of an entry. Ids are sorted by their bytes. They are no secrets.
 *
 * @param client           must not be NULL.
 * @param index            from 0 to oskbc_client_key_count() - 1.
 * @param[out] out         receives the id and a NUL; see "Output buffers".
 * @param[in,out] out_len  in bytes, the NUL included. Must not be NULL.
 * @return ::OSKBC_OK; ::OSKBC_E_ARGUMENT: also for an index past the end; ::OSKBC_E_BUFFER.
 * Thread-safe. Since 0.1.0.
 */
OSKBC_API oskbc_status oskbc_client_key_id(const oskbc_client* client, size_t index, char* out,
                                           size_t* out_len);

/**
 * Unwraps one annotation packet: the JSON object whose base64 an encrypted layer carries in its
 * annotation `org.opencontainers.image.enc.keys.provider.attestation-agent`. All generations of the
 * packet since 2021 are read. The result is ocicrypt's private options of the layer, a secret.
 *
 * The key is the keyset's entry named by the packet's `kid`: first as it stands, then by the path
 * `repository/type/tag` of a `kbs://` URI. AES-256-GCM (12-byte IV, 16-byte tag at the end) detects
 * a wrong key and any change; AES-256-CTR (16-byte IV) detects neither, see
 * oskbc_options_set_require_authenticated().
 *
 * @param client           must not be NULL.
 * @param packet           the JSON text; a NUL at its end is not needed. Must not be NULL.
 * @param packet_len       its length, at most 1 MiB.
 * @param[out] out         receives the plain options; see "Output buffers". May overlap `packet`.
 * @param[in,out] out_len  the length needed is exact. Must not be NULL.
 * @return ::OSKBC_OK; ::OSKBC_E_ARGUMENT; ::OSKBC_E_BUFFER; ::OSKBC_E_PACKET;
 *         ::OSKBC_E_UNKNOWN_KEY; ::OSKBC_E_UNSUPPORTED; ::OSKBC_E_DECRYPT; ::OSKBC_E_NO_SECRET in a
 *         child of fork().
 * Thread-safe. Since 0.1.0.
 */
OSKBC_API oskbc_status oskbc_unwrap_key(const oskbc_client* client, const char* packet,
                                        size_t packet_len, uint8_t* out, size_t* out_len);

/**
 * Unwraps a packet that the caller has parsed already, as agents do: the same as
 * oskbc_unwrap_key(), without the JSON text. Each text has a length, and needs no NUL.
 *
 * @param client            must not be NULL.
 * @param kid               the packet's member `kid`, as it stands. Must not be NULL.
 * @param kid_len           its length.
 * @param wrap_type         the member `wrap_type`, in the spelling of any generation. Must not be
 *                          NULL.
 * @param wrap_type_len     its length.
 * @param iv                the member `iv`, in base64 (standard alphabet, padded, canonical). Must
 *                          not be NULL.
 * @param iv_len            its length.
 * @param wrapped_data      the member `wrapped_data`, in base64 too. Must not be NULL.
 * @param wrapped_data_len  its length. All together, a packet's texts have at most 1 MiB.
 * @param[out] out          receives the plain options; see "Output buffers". May overlap the texts.
 * @param[in,out] out_len   the length needed is exact. Must not be NULL.
 * @return as oskbc_unwrap_key().
 * Thread-safe. Since 0.2.0.
 */
OSKBC_API oskbc_status oskbc_unwrap_fields(const oskbc_client* client, const char* kid,
                                           size_t kid_len, const char* wrap_type,
                                           size_t wrap_type_len, const char* iv, size_t iv_len,
                                           const char* wrapped_data, size_t wrapped_data_len,
                                           uint8_t* out, size_t* out_len);

/**
 * Gives the bytes of a keyset entry, decoded.
 *
 * @param client           must not be NULL.
 * @param uri              an entry's id as it stands, or `kbs://[host[:port]]/repository/type/tag`,
 *                         whose path is then the id. Must not be NULL.
 * @param[out] out         receives the bytes; see "Output buffers".
 * @param[in,out] out_len  the length needed is exact. Must not be NULL.
 * @return ::OSKBC_OK; ::OSKBC_E_ARGUMENT; ::OSKBC_E_BUFFER; ::OSKBC_E_REQUEST: a URI of another
 *         scheme or form; ::OSKBC_E_UNKNOWN_KEY; ::OSKBC_E_NO_SECRET in a child of fork().
 * Thread-safe. Since 0.1.0.
 */
OSKBC_API oskbc_status oskbc_get_resource(const oskbc_client* client, const char* uri, uint8_t* out,
                                          size_t* out_len);

/**
 * Answers one `keyunwrap` request of ocicrypt's key provider protocol. The answer holds the plain
 * options as an array of numbers, which both the Go and the Rust client read; it is a secret.
 *
 * @param client           must not be NULL.
 * @param request          the JSON text; a NUL at its end is not needed. Must not be NULL.
 * @param request_len      its length, at most 2 MiB.
 * @param[out] out         receives the answer's JSON text, without a NUL; see "Output buffers".
 * @param[in,out] out_len  the length needed is an upper bound, because the answer's length depends
 *                         on the plaintext. Must not be NULL.
 * @return ::OSKBC_OK; ::OSKBC_E_ARGUMENT; ::OSKBC_E_BUFFER; ::OSKBC_E_REQUEST: also for `keywrap`,
 *         which a guest does not do; and for the packet inside: ::OSKBC_E_PACKET;
 *         ::OSKBC_E_UNKNOWN_KEY; ::OSKBC_E_UNSUPPORTED; ::OSKBC_E_DECRYPT; ::OSKBC_E_NO_SECRET in a
 *         child of fork().
 * Thread-safe. Since 0.1.0.
 */
OSKBC_API oskbc_status oskbc_keyprovider(const oskbc_client* client, const char* request,
                                         size_t request_len, uint8_t* out, size_t* out_len);

/**
 * Explains a status in a few words.
 *
 * @param status  any number.
 * @return a static text, never NULL, for numbers that are no status too.
 * Thread-safe. Since 0.1.0.
 */
OSKBC_API const char* oskbc_strerror(oskbc_status status);

/**
 * Gives the message of the last call of this thread that returned a status: what went wrong, where,
 * and what can be done.
 *
 * @return the message, never NULL; "" after a success and before the first call. It stays valid
 *         until the thread's next call that returns a status.
 * Thread-safe. Since 0.1.0.
 */
OSKBC_API const char* oskbc_last_error(void);

/**
 * Overwrites memory with zeros in a way that compilers don't leave out.
 *
 * @param data  NULL does nothing.
 * @param len   in bytes.
 * Thread-safe for different memory. Since 0.1.0.
 */
OSKBC_API void oskbc_wipe(void* data, size_t len);

/**
 * Gives the version of the library that is linked in.
 *
 * @return a static text such as "0.2.0".
 * Thread-safe. Since 0.1.0.
 */
OSKBC_API const char* oskbc_version(void);

#ifdef __cplusplus
}
#endif

#endif
