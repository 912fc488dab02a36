/* SPDX-License-Identifier: Apache-2.0
 *
 * The little of the UEFI specification (2.10) that secret_loader.c uses. Members that it does not
 * use keep their place in a table as numbered gaps: the order is the specification's.
 */
#ifndef OSKBC_TEST_GUEST_UEFI_H
#define OSKBC_TEST_GUEST_UEFI_H

#include <stddef.h>
#include <stdint.h>

typedef size_t efi_status;
typedef void* efi_handle;
typedef uint16_t efi_char;
typedef struct {
  uint32_t a;
  uint16_t b, c;
  uint8_t d[8];
} efi_guid;

/* Appendix D: errors have the highest bit set. */
#define EFI_SUCCESS ((efi_status)0)
#define EFI_ERROR_BIT ((efi_status)1 << 63)
#define EFI_LOAD_ERROR (EFI_ERROR_BIT | 1)
#define EFI_NOT_FOUND (EFI_ERROR_BIT | 14)

/* 7.2, EFI_ALLOCATE_TYPE and EFI_MEMORY_TYPE. */
enum { EFI_ALLOCATE_ANY_PAGES = 0 };
enum { EFI_RESERVED_MEMORY = 0, EFI_LOADER_DATA = 2, EFI_ACPI_RECLAIM_MEMORY = 9 };
#define EFI_PAGE_SIZE 4096u

/* 4.2 */
typedef struct {
  uint64_t signature;
  uint32_t revision, header_size, crc32, reserved;
} efi_table_header;

/* 12.4 */
typedef struct efi_text_output {
  void* reset;
  efi_status (*output_string)(struct efi_text_output*, const efi_char*);
} efi_text_output;

/* 4.4 */
typedef struct {
  efi_table_header header;
  void* gap_1[2];
  efi_status (*allocate_pages)(int type, int memory_type, size_t pages, uint64_t* address);
  void* gap_2[13];
  efi_status (*handle_protocol)(efi_handle, const efi_guid*, void** interface);
  void* gap_3[4];
  efi_status (*install_configuration_table)(const efi_guid*, void* table);
  efi_status (*load_image)(uint8_t boot_policy, efi_handle parent, void* device_path, void* source,
                           size_t source_size, efi_handle* image);
  efi_status (*start_image)(efi_handle, size_t* exit_data_size, efi_char** exit_data);
} efi_boot_services;

/* 4.3 */
typedef struct {
  efi_table_header header;
  efi_char* firmware_vendor;
  uint32_t firmware_revision;
  void* gap_1[3];
  efi_text_output* console;
  void* gap_2[3];
  efi_boot_services* boot_services;
} efi_system_table;

/* 9.1 */
#define EFI_LOADED_IMAGE_PROTOCOL                                                  \
  {                                                                                \
    0x5b1b31a1, 0x9562, 0x11d2, { 0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b } \
  }
typedef struct {
  uint32_t revision;
  efi_handle parent;
  efi_system_table* system_table;
  efi_handle device;
  void* gap_1[2];
  uint32_t load_options_size;
  void* load_options;
} efi_loaded_image;

/* 13.5 */
#define EFI_FILE_MODE_READ 1u
#define EFI_FILE_END UINT64_MAX
typedef struct efi_file {
  uint64_t revision;
  efi_status (*open)(struct efi_file*, struct efi_file**, const efi_char* name, uint64_t mode,
                     uint64_t attributes);
  void* gap_1[2];
  efi_status (*read)(struct efi_file*, size_t* size, void* buffer);
  void* gap_2;
  efi_status (*get_position)(struct efi_file*, uint64_t*);
  efi_status (*set_position)(struct efi_file*, uint64_t);
} efi_file;

/* 13.4 */
#define EFI_SIMPLE_FILE_SYSTEM_PROTOCOL                                            \
  {                                                                                \
    0x964e5b22, 0x6459, 0x11d2, { 0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b } \
  }
typedef struct efi_file_system {
  uint64_t revision;
  efi_status (*open_volume)(struct efi_file_system*, efi_file** root);
} efi_file_system;

#endif
