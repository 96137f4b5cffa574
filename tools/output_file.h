// Output files that are whole or absent.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace wavetank::tools {

/// Writes `content` under a temporary name in the same directory, then renames: whoever sees `path` sees all of it. On
/// failure nothing is left behind, and the error says what, where and what to do.
tl::expected<void, std::string> write_whole(const std::filesystem::path& path, std::string_view content);

/// What is wrong with `path` as the name of an output file, before an hour's work is spent on what goes there.
tl::expected<void, std::string> check_writable(const std::filesystem::path& path);

/// The content of an input file of at most `max_bytes`.
tl::expected<std::string, std::string> read_whole(const std::filesystem::path& path, std::size_t max_bytes);

}  // namespace wavetank::tools
