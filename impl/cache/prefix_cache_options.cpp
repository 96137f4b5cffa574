#include <wavetank/impl/cache/prefix_cache_options.h>

#include <filesystem>

namespace wavetank {
namespace {

/// Without looking at the file system: links are not followed.
std::filesystem::path directory_of(const std::string& path) {
  return (std::filesystem::path(path) / "").lexically_normal();
}

}  // namespace

tl::expected<void, option_error> validate(const prefix_cache_options& o) {
  if (!o.disk_path.empty() && directory_of(o.ram_file_path) == directory_of(o.disk_path)) {
    return out_of_range("ram_file_path", o.ram_file_path, "another directory than disk_path");
  }
  if (auto fault = in_range("reservation_ttl", o.table.reservation_ttl); !fault) return fault;
  return o.sweep_interval ? in_range("sweep_interval", *o.sweep_interval) : tl::expected<void, option_error>{};
}

}  // namespace wavetank
