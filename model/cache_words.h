// Words that the models of the cache share: what a row, a reservation and a claim are called.
#pragma once

#include <cstdint>

namespace wavetank::model {

/// A key of the cache: whoever records a run numbers the hashes that it met.
using key_number = std::uint64_t;

/// A reservation's token, as the number of the call that got it. Never reused.
using token_number = std::uint64_t;

/// One installation of a row: unique among those of its key, and never reused.
using generation_number = std::uint64_t;

/// A claim, as the number of the checkout that got it. Never reused.
using claim_number = std::uint64_t;

/// Where the bytes of a row are.
enum class tier : std::uint8_t {
  ram,       ///< in memory, gone with the process
  ram_file,  ///< in a file on a tmpfs
  disk,      ///< in a file
};

}  // namespace wavetank::model
