// SPDX-License-Identifier: Apache-2.0
#include "fuzz/fuzz_common.h"

#include <cstdio>
#include <cstdlib>

namespace oskbc::fuzz {
namespace {

// Made before any object is, so that targets of all sources can enter themselves.
constinit const Target* targets = nullptr;

}  // namespace

Target::Target(const char* name, Run run) noexcept : name_(name), run_(run), next_(targets) {
  targets = this;
}

const Target* Target::find(std::string_view name) noexcept {
  const Target* target = targets;
  while (target != nullptr && target->name_ != name) target = target->next_;
  return target;
}

const Target* Target::only() noexcept { return targets; }

void Target::execute(ByteView bytes) const {
  if (bytes.size() <= kMaxInput) run_(bytes);
}

void require(bool holds, const char* property) {
  if (holds) return;
  static_cast<void>(std::fprintf(stderr, "fuzz: this does not hold: %s\n", property));
  std::abort();
}

}  // namespace oskbc::fuzz

// What an engine calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  oskbc::fuzz::Target::only()->execute({data, size});
  return 0;
}
