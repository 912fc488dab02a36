// SPDX-License-Identifier: Apache-2.0
#include "common/command_line.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>
#include <string>

#include "base/status.h"
#include <oskbc/oskbc.hpp>

namespace oskbc::tools {
namespace {

int report(const CLI::App& app, int status, std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::fprintf(stderr, "%s: %s\n", app.get_name().c_str(), text.c_str());
  return status;
}

int usage_error(const CLI::App& app, const CLI::ParseError& error) {
  return report(app, kExitUsage, std::string(error.what()) + "; see " + app.get_name() + " --help");
}

}  // namespace

int run_tool(CLI::App& app, int argc, char** argv, const std::function<int()>& command) {
  try {
    app.parse(argc, argv);
    return command();
  } catch (const CLI::Success& wish) {  // --help and --version
    return app.exit(wish);
  } catch (const CLI::ParseError& error) {
    return usage_error(app, error);
  } catch (const Exception& error) {
    return report(app, error.status(), error.what());
  } catch (const core::Error& error) {
    return report(app, static_cast<int>(error.status()), error.what());
  } catch (const std::bad_alloc&) {
    return report(app, OSKBC_E_NO_MEMORY, oskbc_strerror(OSKBC_E_NO_MEMORY));
  } catch (const std::exception&) {
    // Its text might hold input.
    return report(app, OSKBC_E_INTERNAL, "an unexpected error; please report it");
  }
}

}  // namespace oskbc::tools
