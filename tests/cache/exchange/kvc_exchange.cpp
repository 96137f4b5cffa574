// The library's side of kvc_reference.py.
//
//   kvc_exchange describe FILE...            validates each and prints its description; one with a checksum of its head
//                                            must be what the library would write, byte for byte
//   kvc_exchange generate FOLDER SEED COUNT  writes files with random fields, each with its description beside it
//   kvc_exchange save FOLDER SEED COUNT      the same, but saved by a cache over the folder
#include <wavetank/impl/cache/kvc_name.h>
#include <wavetank/impl/cache/kvc_reader.h>
#include <wavetank/impl/cache/kvc_writer.h>
#include <wavetank/impl/cache/prefix_cache.h>
#include <wavetank/impl/cache/sha256.h>
#include <wavetank/impl/runtime/posix/posix_file_system.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>
#include <wavetank/tests/cache/bytes.h>
#include <wavetank/tests/cache/memory_source.h>
#include <wavetank/tests/cache/whole_file.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace wavetank;
using cache_tests::bytes_of;
using file_bytes = std::vector<std::byte>;

std::string text_field(std::string_view name, const std::optional<std::string>& text) {
  const std::string value = text ? cache_tests::to_hex(bytes_of(*text)) + "." : "none";
  return std::string{name} + " " + value + "\n";
}

std::string description(const kvc_metadata& meta, std::span<const std::byte> payload, bool checksummed) {
  const auto number = [](std::string_view name, auto value) {
    return std::string{name} + " " + std::to_string(static_cast<std::uint64_t>(value)) + "\n";
  };
  const auto hex = [](std::string_view name, std::span<const std::byte> bytes) {
    return std::string{name} + " " + cache_tests::to_hex(bytes) + "\n";
  };
  std::string text = hex("key", key_of(meta).bytes) + hex("fingerprint", meta.fingerprint) +
                     number("fingerprint_mode", meta.fingerprint_mode) + number("quant", meta.quant) +
                     number("quant_bits", meta.quant_bits) + hex("ctx_params_hash", meta.ctx_params_hash) + "tokens";
  for (const token_id token : meta.tokens) text += " " + std::to_string(token);
  text += "\n" + number("context_size", meta.context_size) + number("save_reason", meta.save_reason) +
          number("hit_count", meta.hit_count) + number("creation_time", meta.creation_time_s) +
          number("last_use", meta.last_use_s) + hex("prompt", bytes_of(meta.prompt_text)) +
          text_field("hostname", meta.hostname) + text_field("library_version", meta.library_version) +
          text_field("save_reason_detail", meta.save_reason_detail);
  sha256 sum;
  sum.update(payload);
  return text + hex("payload", sum.digest()) + number("head_checksum", checksummed);
}

file_bytes load(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return {bytes_of(text).begin(), bytes_of(text).end()};
}

void store(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  std::ofstream{path, std::ios::binary}.write(reinterpret_cast<const char*>(bytes.data()),
                                              static_cast<std::streamsize>(bytes.size()));
}

bool describe_file(const std::filesystem::path& path) {
  const file_bytes file = load(path);
  const kvc_name name = parse_kvc_name(path.filename().string());
  if (name.kind != kvc_name_kind::final_name) {
    std::fprintf(stderr, "%s: no name of a cache file\n", path.c_str());
    return false;
  }
  cache_tests::memory_source source{.bytes = file};
  std::array<std::byte, 1000> buffer;
  const auto head = validate_kvc(source, file.size(), *name.key, buffer);
  if (!head) {
    std::fprintf(stderr, "%s: %s\n", path.c_str(), describe(head.error()).c_str());
    return false;
  }
  const auto payload = std::span{file}.subspan(head->payload_offset);
  std::fputs(description(head->metadata, payload, head->checksummed).c_str(), stdout);
  if (head->checksummed && cache_tests::whole_file(head->metadata, payload) != file) {
    std::fprintf(stderr, "%s: the library would write other bytes\n", path.c_str());
    return false;
  }
  return true;
}

using random_bits = std::mt19937_64;

std::uint64_t below(random_bits& random, std::uint64_t limit) { return random() % limit; }

/// Often an extreme.
template <class T>
T number(random_bits& random) {
  const std::uint64_t choices[]{0, 1, ~std::uint64_t{0}, random()};
  return static_cast<T>(choices[below(random, 4)]);
}

template <class Bytes>
Bytes bytes(random_bits& random, Bytes made) {
  for (auto& b : made) b = static_cast<std::remove_reference_t<decltype(b)>>(random());
  return made;
}

std::string text(random_bits& random) { return bytes(random, std::string(below(random, 40), '\0')); }

std::optional<std::string> perhaps_text(random_bits& random) {
  if (below(random, 2) == 0) return std::nullopt;
  return text(random);
}

kvc_metadata random_metadata(random_bits& random) {
  kvc_metadata meta;
  meta.fingerprint = bytes(random, bytes32{});
  meta.fingerprint_mode = static_cast<fingerprint_mode>(below(random, 3));
  meta.quant = static_cast<quant_type>(below(random, 30));
  meta.quant_bits = number<std::uint8_t>(random);
  meta.ctx_params_hash = bytes(random, bytes32{});
  meta.tokens.resize(below(random, 300));
  for (token_id& token : meta.tokens) token = number<token_id>(random);
  meta.context_size = number<std::uint32_t>(random);
  meta.save_reason = static_cast<save_reason>(below(random, 6));
  meta.hit_count = number<std::uint32_t>(random);
  meta.creation_time_s = number<std::uint64_t>(random);
  meta.last_use_s = number<std::uint64_t>(random);
  meta.prompt_text = text(random);
  meta.hostname = perhaps_text(random);
  meta.library_version = perhaps_text(random);
  meta.save_reason_detail = perhaps_text(random);
  return meta;
}

/// `keep(path, metadata, payload)` puts each file there.
template <class Keep>
bool generate(const std::filesystem::path& folder, std::uint64_t seed, int count, Keep keep) {
  random_bits random{seed};
  for (int i = 0; i < count; ++i) {
    const kvc_metadata meta = random_metadata(random);
    const file_bytes payload = bytes(random, file_bytes(below(random, 5'000)));
    const auto path = folder / kvc_final_name(key_of(meta));
    if (!keep(path, meta, payload)) return false;
    const std::string said = description(meta, payload, true);
    store(std::filesystem::path{path}.replace_extension(".txt"), bytes_of(said));
  }
  return true;
}

bool write_files(const std::filesystem::path& folder, std::uint64_t seed, int count) {
  return generate(folder, seed, count, [](const auto& path, const kvc_metadata& meta, const file_bytes& payload) {
    store(path, cache_tests::whole_file(meta, payload));
    return true;
  });
}

bool save_files(const std::filesystem::path& folder, std::uint64_t seed, int count) {
  thread_runtime world;
  posix_file_system files;
  const auto cache = prefix_cache<thread_runtime, posix_file_system>::open(world, files, {.disk_path = folder});
  if (!cache) {
    std::fprintf(stderr, "%s\n", to_string(cache.error()).c_str());
    return false;
  }
  return generate(folder, seed, count, [&](const auto&, const kvc_metadata& meta, const file_bytes& payload) {
    const auto saved = (*cache)->save(cache_tier::disk, meta, payload);
    if (!saved) std::fprintf(stderr, "%s\n", to_string(saved.error()).c_str());
    return saved.has_value();
  });
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 4 && (arguments[0] == "generate" || arguments[0] == "save")) {
    const auto make = arguments[0] == "save" ? save_files : write_files;
    return make(arguments[1], std::stoull(arguments[2]), std::stoi(arguments[3])) ? 0 : 1;
  }
  if (arguments.size() < 2 || arguments[0] != "describe") {
    std::fprintf(stderr,
                 "usage: kvc_exchange describe FILE... | generate FOLDER SEED COUNT | save FOLDER SEED COUNT\n");
    return 2;
  }
  bool good = true;
  for (std::size_t i = 1; i < arguments.size(); ++i) good = describe_file(arguments[i]) && good;
  return good ? 0 : 1;
}
