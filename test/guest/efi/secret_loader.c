/* SPDX-License-Identifier: Apache-2.0
 *
 * What the firmware of an SEV guest does, on a machine without SEV: puts a secret table into
 * memory, announces it to the operating system, and starts Linux. It lies as
 * EFI\BOOT\BOOTX64.EFI on a drive that has these files in its root:
 *
 *   secret   the secret table, each byte XOR 0xA5; without this file nothing is announced
 *   cmdline  the kernel's command line, ASCII, one line
 *   vmlinuz  the kernel, an EFI program itself; it reads the initrd that its command line names
 */
#include "uefi.h"

/* The launch secret's area in AmdSev OVMF has 3 KiB, in a page of its own. */
#define SECRET_AREA_SIZE 0xC00u

/* The table by which Linux (drivers/firmware/efi) finds it: LINUX_EFI_COCO_SECRET_AREA_GUID. */
static const efi_guid kSecretArea = {
    0xadf956ad, 0xe98c, 0x484c, {0xae, 0x11, 0xb5, 0x1c, 0x7d, 0x33, 0x64, 0x47}};
typedef struct {
  uint64_t base;
  uint64_t size;
} secret_area;

/* The firmware's caches of the drive stay in memory. What they hold must not look like a secret
 * that the operating system left there. */
#define MASK 0xA5u

static const efi_guid kLoadedImage = EFI_LOADED_IMAGE_PROTOCOL;
static const efi_guid kFileSystem = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL;

static efi_system_table* firmware;
static efi_handle drive;
static efi_file* root;

typedef struct {
  uint8_t* data;
  size_t size;
} bytes;

/* The compiler makes calls of this out of assignments, and there is no C library here. */
void* memset(void* to, int value, size_t size) {
  volatile uint8_t* next = to;
  while (size-- > 0) *next++ = (uint8_t)value;
  return to;
}

/* 12.4.3: a line ends with carriage return and line feed. */
static efi_status complain(const efi_char* what, efi_status status) {
  static const efi_char kName[] = u"secret_loader: ", kEnd[] = u"\r\n";
  firmware->console->output_string(firmware->console, kName);
  firmware->console->output_string(firmware->console, what);
  firmware->console->output_string(firmware->console, kEnd);
  return status;
}

/* NULL when there is no memory. Pages come zeroed, whatever was there before. */
static uint8_t* allocate(int memory_type, size_t size) {
  const size_t pages = (size + EFI_PAGE_SIZE - 1) / EFI_PAGE_SIZE;
  uint64_t address = 0;
  if (firmware->boot_services->allocate_pages(EFI_ALLOCATE_ANY_PAGES, memory_type, pages,
                                              &address) != EFI_SUCCESS) {
    return NULL;
  }
  return memset((void*)address, 0, pages * EFI_PAGE_SIZE);
}

static efi_status read_all(efi_file* file, bytes* content) {
  uint64_t size = 0;
  /* 13.5: this position is the end, and the only way to the size without a structure for it. */
  if (file->set_position(file, EFI_FILE_END) != EFI_SUCCESS ||
      file->get_position(file, &size) != EFI_SUCCESS ||
      file->set_position(file, 0) != EFI_SUCCESS) {
    return EFI_LOAD_ERROR;
  }
  content->size = (size_t)size;
  /* One byte more, so that text ends with a NUL. */
  content->data = allocate(EFI_LOADER_DATA, content->size + 1);
  if (content->data == NULL) return EFI_LOAD_ERROR;
  const efi_status status = file->read(file, &content->size, content->data);
  return status == EFI_SUCCESS && content->size == size ? EFI_SUCCESS : EFI_LOAD_ERROR;
}

static efi_status read_file(const efi_char* name, bytes* content) {
  efi_file* file = NULL;
  const efi_status status = root->open(root, &file, name, EFI_FILE_MODE_READ, 0);
  return status == EFI_SUCCESS ? read_all(file, content) : status;
}

static efi_status open_drive(efi_handle self) {
  efi_boot_services* services = firmware->boot_services;
  efi_loaded_image* image = NULL;
  efi_file_system* file_system = NULL;
  efi_status status = services->handle_protocol(self, &kLoadedImage, (void**)&image);
  if (status != EFI_SUCCESS) return status;
  drive = image->device;
  status = services->handle_protocol(drive, &kFileSystem, (void**)&file_system);
  return status == EFI_SUCCESS ? file_system->open_volume(file_system, &root) : status;
}

/* The area is Reserved, so that Linux leaves it alone; the descriptor is what configuration tables
 * should be in (4.6): memory of type ACPI reclaim. */
static efi_status announce(const bytes* secret) {
  if (secret->size > SECRET_AREA_SIZE)
    return complain(u"the secret is over 3072 bytes", EFI_LOAD_ERROR);
  uint8_t* area = allocate(EFI_RESERVED_MEMORY, SECRET_AREA_SIZE);
  secret_area* descriptor = (secret_area*)allocate(EFI_ACPI_RECLAIM_MEMORY, sizeof(secret_area));
  if (area == NULL || descriptor == NULL) return complain(u"no memory", EFI_LOAD_ERROR);
  for (size_t i = 0; i < secret->size; ++i) area[i] = secret->data[i] ^ MASK;
  descriptor->base = (uint64_t)area;
  descriptor->size = SECRET_AREA_SIZE;
  return firmware->boot_services->install_configuration_table(&kSecretArea, descriptor);
}

static efi_status install_secret(void) {
  bytes secret = {NULL, 0};
  const efi_status status = read_file(u"secret", &secret);
  if (status == EFI_NOT_FOUND) return complain(u"no secret, no secret area", EFI_SUCCESS);
  if (status != EFI_SUCCESS) return complain(u"the file secret cannot be read", status);
  return announce(&secret);
}

/* The kernel takes its options in the firmware's characters, up to the line's end. */
static efi_status set_command_line(efi_loaded_image* kernel) {
  bytes text;
  const efi_status status = read_file(u"cmdline", &text);
  if (status != EFI_SUCCESS) return complain(u"the file cmdline cannot be read", status);
  efi_char* options = (efi_char*)allocate(EFI_LOADER_DATA, (text.size + 1) * sizeof(efi_char));
  if (options == NULL) return complain(u"no memory", EFI_LOAD_ERROR);
  size_t length = 0;
  while (length < text.size && text.data[length] != '\n') {
    options[length] = text.data[length];
    ++length;
  }
  kernel->load_options = options;
  kernel->load_options_size = (uint32_t)((length + 1) * sizeof(efi_char));
  return EFI_SUCCESS;
}

static efi_status start_kernel(efi_handle self) {
  efi_boot_services* services = firmware->boot_services;
  bytes kernel;
  efi_handle image = NULL;
  efi_loaded_image* loaded = NULL;
  efi_status status = read_file(u"vmlinuz", &kernel);
  if (status != EFI_SUCCESS) return complain(u"the file vmlinuz cannot be read", status);
  status = services->load_image(0, self, NULL, kernel.data, kernel.size, &image);
  if (status != EFI_SUCCESS) return complain(u"vmlinuz is not started: no EFI program", status);
  status = services->handle_protocol(image, &kLoadedImage, (void**)&loaded);
  if (status != EFI_SUCCESS) return status;
  /* An image from memory has no device, and the kernel looks for its initrd on the image's. */
  loaded->device = drive;
  status = set_command_line(loaded);
  if (status != EFI_SUCCESS) return status;
  return services->start_image(image, NULL, NULL);
}

/* 4.1: the entry point of every EFI program. */
efi_status efi_main(efi_handle self, efi_system_table* table) {
  firmware = table;
  efi_status status = open_drive(self);
  if (status != EFI_SUCCESS) return complain(u"the drive cannot be opened", status);
  status = install_secret();
  if (status != EFI_SUCCESS) return status;
  status = start_kernel(self);
  return complain(u"the kernel came back", status);
}
