// SPDX-License-Identifier: Apache-2.0
#include "owner/image/oci_layout.h"

#include <sys/stat.h>

#include <string>

#include "base/status.h"
#include "owner/image/image_layout.h"
#include "support/catch.h"
#include "unit/failure.h"

namespace oskbc::oci_layout_test {

using core::Status;
using nlohmann::json;
using owner::OciLayout;
using test::failure_of;
using test::ImageLayout;
using test::kPlainLayer;
using test::status_of;

namespace {

std::vector<owner::ImageManifest> manifests_of(const ImageLayout& layout) {
  return OciLayout(layout.path()).manifests();
}

Status refusal(const ImageLayout& layout) {
  return status_of([&] { static_cast<void>(manifests_of(layout)); });
}

Status index_refusal(std::string_view index) {
  const ImageLayout layout;
  layout.folder().write("index.json", index);
  return refusal(layout);
}

}  // namespace

TEST_CASE("the layers of all manifests are listed, in their order") {
  const ImageLayout layout;
  const json a = layout.add("a", kPlainLayer);
  const json b = layout.add("bb", kPlainLayer, {{"name", "value"}});
  layout.set_index({layout.add_manifest({a, b}), layout.add_manifest({b})});
  const auto manifests = manifests_of(layout);
  REQUIRE(manifests.size() == 2);
  REQUIRE(manifests[0].layers.size() == 2);
  CHECK(manifests[0].layers[0].digest == a["digest"].get<std::string>());
  CHECK(manifests[0].layers[0].media_type == kPlainLayer);
  CHECK(manifests[0].layers[1].size == 2);
  CHECK(manifests[0].layers[1].annotations.at("name") == "value");
}

TEST_CASE("indexes may be nested, and what is met twice is listed once") {
  const ImageLayout layout;
  const json one = layout.add_manifest({layout.add("a", kPlainLayer)});
  const json two = layout.add_manifest({layout.add("b", kPlainLayer)});
  layout.set_index({layout.add_index({one, two}), one});
  CHECK(manifests_of(layout).size() == 2);
}

TEST_CASE("indexes that are nested deeper than anyone does are refused") {
  const ImageLayout layout;
  json entry = layout.add_manifest({layout.add("a", kPlainLayer)});
  for (int i = 0; i < 2; ++i) entry = layout.add_index({entry});
  layout.set_index({entry});
  CHECK(manifests_of(layout).size() == 1);
  layout.set_index({layout.add_index({entry})});
  CHECK(refusal(layout) == Status::argument);
}

TEST_CASE("a digest that is none never becomes a path") {
  const std::string digits(64, 'a');
  for (const std::string& digest :
       {std::string(), std::string("sha256:"), "sha256:../" + digits.substr(3),
        "sha256:" + digits + "a", "sha256:" + std::string(64, 'A'), "sha512:" + digits, digits,
        "sha256:" + digits + std::string(1, '\0')}) {
    const json descriptor = {{"digest", digest}, {"size", 1}};
    CHECK(index_refusal(json{{"manifests", json::array({descriptor})}}.dump()) == Status::argument);
  }
}

TEST_CASE("what is not an index is refused") {
  const json descriptor = {{"digest", "sha256:" + std::string(64, 'a')}, {"size", -1}};
  for (const std::string& index :
       {std::string(), std::string("[]"), std::string("{}"), std::string(R"({"manifests":{}})"),
        std::string(R"({"manifests":[1]})"), json{{"manifests", json::array({descriptor})}}.dump(),
        std::string(100'000, '[')}) {
    CHECK(index_refusal(index) == Status::argument);
  }
}

TEST_CASE("a blob has to be there with its size and digest") {
  const ImageLayout layout;
  json manifest = layout.add_manifest({layout.add("a", kPlainLayer)});
  layout.set_index({manifest});
  const std::string name = ImageLayout::name_of(manifest["digest"]);
  std::string content = layout.folder().read(name);
  content.back() ^= 1;
  layout.folder().write(name, content);
  CHECK(refusal(layout) == Status::argument);
  boost::filesystem::remove(layout.folder().path(name));
  CHECK(refusal(layout) == Status::io);
}

TEST_CASE("links and devices are not followed") {
  const ImageLayout layout;
  const json manifest = layout.add_manifest({layout.add("a", kPlainLayer)});
  layout.set_index({manifest});
  const std::string blob = layout.folder().path(ImageLayout::name_of(manifest["digest"]));
  boost::filesystem::rename(blob, layout.folder().path("elsewhere"));
  boost::filesystem::create_symlink(layout.folder().path("elsewhere"), blob);
  CHECK(refusal(layout) == Status::io);
  boost::filesystem::remove(blob);
  REQUIRE(mkfifo(blob.c_str(), 0600) == 0);
  CHECK(refusal(layout) == Status::io);
}

TEST_CASE("a manifest that is larger than a registry takes is refused unread") {
  const ImageLayout layout;
  json manifest = layout.add_manifest({layout.add("a", kPlainLayer)});
  manifest["size"] = std::uint64_t{1} << 40;
  layout.set_index({manifest});
  CHECK(refusal(layout) == Status::argument);
  layout.folder().write("index.json", std::string((std::size_t{4} << 20) + 1, ' '));
  CHECK(refusal(layout) == Status::argument);
}

TEST_CASE("a layer's blob is checked") {
  const ImageLayout layout;
  const json layer = layout.add("content", kPlainLayer);
  layout.set_index({layout.add_manifest({layer})});
  OciLayout image(layout.path());
  const owner::Descriptor descriptor = image.manifests().front().layers.front();
  CHECK_NOTHROW(image.verify_blob(descriptor));
  const std::string name = ImageLayout::name_of(descriptor.digest);
  for (const char* other : {"Content", "conten", "contents", ""}) {
    layout.folder().write(name, other);
    CHECK(status_of([&] { image.verify_blob(descriptor); }) == Status::argument);
  }
}

TEST_CASE("SHA-512 is not malformed, but unsupported") {
  const json descriptor = {{"digest", "sha512:" + std::string(128, 'a')}, {"size", 1}};
  CHECK(index_refusal(json{{"manifests", json::array({descriptor})}}.dump()) ==
        Status::unsupported);
}

TEST_CASE("an image is named as a folder, or as for skopeo") {
  const auto is = [](const std::string& text, const std::string& folder, const std::string& tag) {
    const owner::ImageName name = owner::parse_image_name(text);
    return name.folder == folder && name.tag == tag;
  };
  CHECK(is("a:b", "a:b", ""));
  CHECK(is("oci:a", "a", ""));
  CHECK(is("oci:/x/a:v1", "/x/a", "v1"));
  CHECK(is("oci:a:localhost/b:v1", "a", "localhost/b:v1"));
}

TEST_CASE("of several images, a tag chooses one") {
  const ImageLayout layout;
  json one = layout.add_manifest({layout.add("a", kPlainLayer)});
  json two = layout.add_index({layout.add_manifest({layout.add("b", kPlainLayer)})});
  one["annotations"] = {{"org.opencontainers.image.ref.name", "v1"}};
  two["annotations"] = {{"org.opencontainers.image.ref.name", "v2"}};
  layout.set_index({one, two});
  OciLayout image(layout.path());
  REQUIRE(image.manifests("v1").size() == 1);
  CHECK(image.manifests("v1").front().digest == one["digest"].get<std::string>());
  CHECK(image.manifests("v2").size() == 1);
  const auto failure = failure_of([&] { static_cast<void>(image.manifests("v3")); });
  CHECK(failure.status == Status::argument);
  CHECK_THAT(failure.text, Catch::ContainsSubstring("no image with the tag v3; it has: v1, v2"));
}

TEST_CASE("what has nothing to unpack and says that it is something else is no image") {
  constexpr const char* kSigned = "application/vnd.dev.cosign.simplesigning.v1+json";
  const auto kind = [](const json& more, const std::string& layer) {
    const ImageLayout layout;
    json manifest = {{"layers", json::array({layout.add("a", layer)})}};
    manifest.update(more);
    layout.set_index({layout.add(manifest.dump(), "")});
    return manifests_of(layout).front().artifact;
  };
  const auto config = [](const std::string& type) {
    return json{{"config", json{{"mediaType", type}}}};
  };
  const json image = config("application/vnd.oci.image.config.v1+json");
  CHECK(kind(image, kSigned) == kSigned);
  CHECK(kind(image, "application/vnd.in-toto+json") == "application/vnd.in-toto+json");
  CHECK(kind({{"artifactType", "text/x"}}, "text/y") == "text/x");
  CHECK(kind(config("text/config"), "text/y") == "text/config");
  // A runtime would unpack these all the same.
  CHECK(kind({{"artifactType", "text/x"}}, kPlainLayer).empty());
  CHECK(kind(config("text/config"), test::kEncryptedLayer).empty());
  CHECK(kind(image, "text/y").empty());
  CHECK(kind(json::object(), "text/y").empty());
}

TEST_CASE("a folder that is no image layout is refused") {
  const test::TempFolder folder;
  CHECK(status_of([&] { OciLayout(folder.path()); }) == Status::io);
  for (const char* marker :
       {"", "{}", R"({"imageLayoutVersion":"2.0.0"})", R"({"imageLayoutVersion":1})"}) {
    folder.write("oci-layout", marker);
    CHECK(status_of([&] { OciLayout(folder.path()); }) == Status::argument);
  }
}

}  // namespace oskbc::oci_layout_test
